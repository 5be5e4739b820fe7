#include "ml/trainer/fit_inputs.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

#include "ml/core/scale.h"
#include "tests/unit/trainer/synthetic_recording.h"

namespace grayling {
namespace {

using ::testing::SizeIs;

TrainingSequence Sequence(int rows, bool faulty, float level) {
  TrainingSequence sequence;
  sequence.inputs = Matrix::Constant(rows, 2, level);
  sequence.targets.assign(static_cast<size_t>(rows), 0);
  sequence.weights.assign(static_cast<size_t>(rows), 1);
  if (faulty) sequence.targets[1] = 1;
  return sequence;
}

TEST(ThinSequences, KeepFewAsTheyAre) {
  EXPECT_THAT(ThinSequences({Sequence(10, true, 1), Sequence(10, false, 2)}, 20), SizeIs(2));
}

TEST(ThinSequences, PreferSequencesWithFaultsAndKeepSomeWithout) {
  std::vector<TrainingSequence> many;
  for (int i = 0; i < 100; ++i) many.push_back(Sequence(10, i % 10 == 0, 0));
  const auto thinned = ThinSequences(std::move(many), 300);
  int faulty = 0, healthy = 0;
  for (const TrainingSequence& sequence : thinned) ++(sequence.targets[1] > 0 ? faulty : healthy);
  EXPECT_EQ(faulty, 10);
  EXPECT_NEAR(healthy, 20, 2);
}

TEST(ThinSequences, NeverLeaveNothing) {
  EXPECT_THAT(ThinSequences({Sequence(1000, true, 0)}, 10), SizeIs(1));
}

TEST(VaryLevels, AddsCopiesThatAreOffByAConstantPerInput) {
  FitSettings settings;
  settings.level_variation = 0.5F;
  const auto varied = VaryLevels({Sequence(10, true, 1)}, settings);
  ASSERT_THAT(varied, SizeIs(5));
  EXPECT_EQ(varied[0].inputs, Matrix::Constant(10, 2, 1));
  for (size_t i = 1; i < varied.size(); ++i) {
    EXPECT_EQ(varied[i].targets, varied[0].targets);
    EXPECT_EQ(varied[i].inputs.row(0), varied[i].inputs.row(9));
    EXPECT_NE(varied[i].inputs(0, 0), varied[i].inputs(0, 1));
    EXPECT_NE(varied[i].inputs(0, 0), 1);
  }
}

TEST(VaryLevels, KeepsWithinTheBoundOnRows) {
  FitSettings settings;
  settings.most_training_rows = 25;
  EXPECT_THAT(VaryLevels({Sequence(10, true, 1)}, settings), SizeIs(2));
  settings.most_training_rows = 5;
  EXPECT_THAT(VaryLevels({Sequence(10, true, 1)}, settings), SizeIs(1));
}

// Two recordings of one column; the second lies `off` higher.
Dataset TwoRecordings(float off, bool one_group) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  Dataset dataset;
  dataset.columns = {"a/metric"};
  for (int g = 0; g < 2; ++g) {
    grayling::Run& run = dataset.runs.emplace_back();
    run.id = g == 0 ? "r1" : "r2";
    run.group = one_group ? "g" : run.id;
    run.values.resize(200, 1);
    for (int r = 0; r < 200; ++r) {
      run.time.push_back(r);
      run.values(r, 0) = 100 + normal(random) + (g == 1 ? off : 0);
    }
    LabelWindow window;
    window.start = 100;
    window.end = 110;
    window.label = "cpu";
    run.windows.push_back(window);
  }
  return dataset;
}

float LocationOf(const Dataset& dataset) {
  std::vector<const grayling::Run*> runs;
  for (const grayling::Run& run : dataset.runs) runs.push_back(&run);
  const auto set = BuildTrainingSet(dataset.columns, runs, {});
  EXPECT_TRUE(set.ok()) << set.status();
  return set->scales[0].median;
}

TEST(LevelRelocation, KeepsTheLevelOfColumnsThatAreAlikeInEveryRecording) {
  EXPECT_NEAR(LocationOf(TwoRecordings(0, false)), 100, 1);
}

TEST(LevelRelocation, ForgetsTheLevelOfColumnsThatDifferBetweenRecordings) {
  EXPECT_EQ(LocationOf(TwoRecordings(50, false)), kUnknownLocation);
}

TEST(LevelRelocation, ForgetsAllLevelsWhenOneGroupIsAllThatIsKnown) {
  EXPECT_EQ(LocationOf(TwoRecordings(0, true)), kUnknownLocation);
}

TEST(LevelRelocation, MakesTheFeaturesTheDetectorWillSee) {
  const Dataset dataset = TwoRecordings(50, false);
  const auto prepared = PrepareInputs(dataset, {}, {}, /*clean=*/false);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const auto inputs = RunInputs::Create(prepared->model, dataset.runs[1], dataset.columns);
  ASSERT_TRUE(inputs.ok()) << inputs.status();
  // A network that hands on its first input.
  NetworkWeights first;
  first.architecture = Architecture::kLogistic;
  first.head_weights = Eigen::VectorXf::Zero(static_cast<Eigen::Index>(prepared->inputs.size()));
  first.head_weights[0] = 1;
  const auto logits = inputs->SystemLogits(first);
  ASSERT_TRUE(logits.ok()) << logits.status();
  for (size_t r = 0; r < logits->size(); ++r) {
    if (std::isinf((*logits)[r])) continue;  // before the location is known
    EXPECT_FLOAT_EQ((*logits)[r], prepared->sequences[1].inputs(static_cast<Eigen::Index>(r), 0));
  }
}

// The parameter: whether rows are cleaned first.
class JudgeRunTest : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(RawAndCleaned, JudgeRunTest, testing::Bool());

TEST_P(JudgeRunTest, SaysWhatTheOutOfFoldScoresOfTheSameNetworkSay) {
  SyntheticSettings settings;
  settings.strength = 5;
  Dataset dataset = SyntheticRecording(settings);
  const auto prepared = PrepareInputs(dataset, {}, {}, GetParam());
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  Model model = prepared->model;
  EXPECT_EQ(model.cleaning.size(), GetParam() ? model.input_columns.size() : 0);
  model.network.architecture = Architecture::kLogistic;
  model.network.head_weights =
      Eigen::VectorXf::Constant(static_cast<Eigen::Index>(model.features.size()), 0.1F);
  const auto inputs = RunInputs::Create(model, dataset.runs[0], dataset.columns);
  ASSERT_TRUE(inputs.ok()) << inputs.status();
  const auto logits = inputs->SystemLogits(model.network);
  const auto verdicts = JudgeRun(model, dataset.runs[0], dataset.columns);
  ASSERT_TRUE(logits.ok() && verdicts.ok());
  ASSERT_EQ(logits->size(), verdicts->scores.size());
  for (size_t r = 0; r < logits->size(); ++r) {
    EXPECT_FLOAT_EQ(verdicts->scores[r], 1 / (1 + std::exp(-(*logits)[r])));
  }
}

TEST(PrepareInputs, ShowsTheNetworkNoIsolatedSpikeWhenRowsAreCleaned) {
  SyntheticSettings settings;
  settings.strength = 5;
  const Dataset calm = SyntheticRecording(settings);
  const auto prepared = PrepareInputs(calm, {}, {}, /*clean=*/true);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const Model& model = prepared->model;
  const auto active = std::find_if(model.cleaning.begin(), model.cleaning.end(),
                                   [](const ColumnCleaning& column) { return column.active; });
  ASSERT_NE(active, model.cleaning.end());
  const std::string& name =
      model.input_columns[static_cast<size_t>(active - model.cleaning.begin())];
  const auto column =
      std::find(calm.columns.begin(), calm.columns.end(), name) - calm.columns.begin();
  grayling::Run spiked = calm.runs[0];
  constexpr Eigen::Index kRow = 50;
  spiked.values(kRow, column) += 1e6F;
  const auto with_spike = StreamsOf(model, spiked, calm.columns);
  ASSERT_TRUE(with_spike.ok()) << with_spike.status();
  const auto without = StreamsOf(model, calm.runs[0], calm.columns);
  ASSERT_TRUE(without.ok()) << without.status();
  float largest = 0;
  for (size_t s = 0; s < without->size(); ++s) {
    largest = std::max(
        largest, ((*with_spike)[s].inputs - (*without)[s].inputs).row(kRow).cwiseAbs().maxCoeff());
  }
  EXPECT_LT(largest, 4);  // unrepaired it would stand at the limit of standardised values
}

}  // namespace
}  // namespace grayling

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>

#include "ml/trainer/input_choice_chance.h"
#include "ml/trainer/input_choice_curve.h"
#include "tests/unit/trainer/synthetic_recording.h"

namespace grayling {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<const grayling::Run*> RunsOf(const Dataset& dataset) {
  std::vector<const grayling::Run*> runs;
  for (const grayling::Run& run : dataset.runs) runs.push_back(&run);
  return runs;
}

Dataset Recording(int groups, double strength) {
  SyntheticSettings settings;
  settings.groups = groups;
  settings.strength = strength;
  return SyntheticRecording(settings);
}

// One column of white noise and one that drifts; windows of a kind that neither shows.
Dataset NoiseAndDrift(int rows) {
  std::mt19937 random(4);
  std::normal_distribution<float> normal;
  Dataset dataset;
  dataset.columns = {"noise", "drift"};
  grayling::Run run;
  run.id = "r1";
  run.values.resize(rows, 2);
  float drift = 0;
  for (int r = 0; r < rows; ++r) {
    drift += 0.1F * normal(random);
    run.time.push_back(r);
    run.values(r, 0) = normal(random);
    run.values(r, 1) = drift;
    if (r % 100 != 50) continue;
    LabelWindow window;
    window.start = r;
    window.end = r + 20;
    window.label = "nothing";
    run.windows.push_back(window);
  }
  dataset.runs.push_back(std::move(run));
  return dataset;
}

TEST(DefaultLabels, KeepEveryRowOfAShortFaultWhereRowsAreAMinuteApart) {
  const LabelSettings seconds = DefaultLabels(1);
  EXPECT_EQ(seconds.recovery_s, 4);
  EXPECT_EQ(seconds.onset_s, 2);
  const LabelSettings minutes = DefaultLabels(60);
  EXPECT_EQ(minutes.recovery_s, 120);
  EXPECT_EQ(minutes.onset_s, 0);
}

TEST(TrainingSet, LeavesOutStreamsThatARunDoesNotHold) {
  Dataset dataset = Recording(2, 3);
  for (size_t c = 0; c < dataset.columns.size(); ++c) {
    if (dataset.columns[c].find("vets-service/") == std::string::npos) continue;
    dataset.runs[0].values.col(static_cast<Eigen::Index>(c)).setConstant(kNan);
  }
  const auto set = BuildTrainingSet(dataset.columns, RunsOf(dataset), {});
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(set->sequences, SizeIs(7));
}

TEST(TrainingSet, NeverReadsColumnsThatShowTheInjector) {
  Dataset dataset = Recording(1, 3);
  dataset.columns[0] = "node_memory_MemFree_bytes";
  const auto set = BuildTrainingSet(dataset.columns, RunsOf(dataset), {});
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(set->columns, Not(Contains("node_memory_MemFree_bytes")));
  EXPECT_THAT(set->candidates, Each(Not(HasSubstr("node_memory_"))));
}

TEST(TrainingSet, KeepsTheTellingSignalsAndTheAggregatesWhereMemoryIsShort) {
  const Dataset dataset = Recording(2, 4);
  const auto all = BuildTrainingSet(dataset.columns, RunsOf(dataset), {});
  ASSERT_TRUE(all.ok()) << all.status();
  size_t rows = 0;
  for (const CandidateSequence& sequence : all->sequences) rows += sequence.labels.targets.size();
  const size_t cap = rows * sizeof(float) * 100;
  const auto some = BuildTrainingSet(dataset.columns, RunsOf(dataset), {}, cap);
  ASSERT_TRUE(some.ok()) << some.status();
  EXPECT_LE(some->candidates.size(), 100U);
  EXPECT_GT(some->candidates.size(), 50U);
  EXPECT_THAT(some->candidates, Contains("top(robust_z)"));
  EXPECT_THAT(some->candidates, Contains("fast(cpu_throttled_seconds_rate)")) << "of the cpu fault";
  EXPECT_THAT(some->candidates, Not(Contains("fast(memory_bytes)"))) << "no fault moves it";
  // What is kept is what it was.
  const auto at = [](const TrainingSet& set, const std::string& name) {
    return std::find(set.candidates.begin(), set.candidates.end(), name) - set.candidates.begin();
  };
  const std::string kept = "fast(cpu_throttled_seconds_rate)";
  EXPECT_EQ(some->sequences[0].features.col(at(*some, kept)),
            all->sequences[0].features.col(at(*all, kept)));
}

TEST(ChanceRelevance, IsOneForWhiteNoiseAndLargerForWhatDrifts) {
  const Dataset dataset = NoiseAndDrift(3000);
  const auto set = BuildTrainingSet(dataset.columns, RunsOf(dataset), DefaultLabels(1));
  ASSERT_TRUE(set.ok()) << set.status();
  const std::vector<double> chance = ChanceRelevance(*set).For("nothing");
  const auto of = [&](const std::string& name) {
    const auto at = std::find(set->candidates.begin(), set->candidates.end(), name);
    return chance[static_cast<size_t>(at - set->candidates.begin())];
  };
  EXPECT_LT(of("value(context:noise)"), 2);
  EXPECT_GT(of("value(context:drift)"), 5);
}

TEST(ChosenInputs, AreNotSpentOnAKindThatShowsInNoMetric) {
  Dataset dataset = Recording(3, 4);
  // Fault-free rows between two faults that are called a fault.
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    std::vector<LabelWindow>& windows = dataset.runs[i].windows;
    for (const size_t after : {2 + i, 6 + i}) {
      LabelWindow window;
      window.start = windows[after].end + 5;
      window.end = window.start + 6;
      window.label = "inert";
      window.service = "vets-service";
      windows.push_back(window);
    }
  }
  const auto set = BuildTrainingSet(dataset.columns, RunsOf(dataset), {});
  ASSERT_TRUE(set.ok()) << set.status();
  SelectionSettings settings;
  settings.count = 12;
  std::map<std::string, int> per_kind;
  for (const ChosenInput& input : ChooseInputs(*set, settings)) ++per_kind[input.kind];
  EXPECT_EQ(per_kind.count("inert"), 0U);
  EXPECT_THAT(per_kind, SizeIs(4));
}

TEST(ChosenInputs, AreThereEvenWhenChanceExplainsThemAll) {
  const Dataset dataset = NoiseAndDrift(400);
  const auto set = BuildTrainingSet(dataset.columns, RunsOf(dataset), DefaultLabels(1));
  ASSERT_TRUE(set.ok()) << set.status();
  SelectionSettings settings;
  settings.count = 3;
  EXPECT_THAT(ChooseInputs(*set, settings), Not(IsEmpty()));
}

TEST(TheCurve, FindsFaultsInGroupsThatTheChoiceDidNotSee) {
  const Dataset dataset = Recording(3, 4);
  SelectionSettings settings;
  settings.count = 16;
  const auto curve = CurveOverCounts(dataset, settings, DefaultLabels(1));
  ASSERT_TRUE(curve.ok()) << curve.status();
  EXPECT_EQ(curve->folds, 3);
  EXPECT_THAT(curve->picks, SizeIs(3));
  EXPECT_EQ(curve->points.back().count, 16);
  EXPECT_GT(curve->points[curve->best].pr_auc, 0.8);
  EXPECT_LE(curve->chosen, curve->best);
  EXPECT_GE(curve->points[curve->chosen].pr_auc,
            curve->points[curve->best].pr_auc - curve->points[curve->best].standard_error);
  EXPECT_GT(curve->stability, 0.05);
}

TEST(TheCurve, IsAtChanceLevelForWindowsThatMeanNothing) {
  const Dataset dataset = NoiseAndDrift(4000);
  SelectionSettings settings;
  settings.count = 8;
  const auto curve = CurveOverCounts(dataset, settings, DefaultLabels(1));
  ASSERT_TRUE(curve.ok()) << curve.status();
  for (const CountQuality& point : curve->points) EXPECT_LT(point.pr_auc, 0.4) << "of 0.2";
}

TEST(TheCurve, IsRefusedWithoutFaults) {
  Dataset dataset = Recording(2, 4);
  for (grayling::Run& run : dataset.runs) run.windows.clear();
  EXPECT_EQ(CurveOverCounts(dataset, {}, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace grayling

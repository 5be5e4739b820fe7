#include "ml/core/detector.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <random>

#include "ml/core/alarm_votes.h"

// Sanitizers own the allocator; elsewhere every allocation of this program is counted.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define GRAYLING_COUNTS_ALLOCATIONS 1
namespace {
std::atomic<long> allocations{0};
}
extern "C" void* __libc_malloc(size_t size);
extern "C" void* malloc(size_t size) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
#endif

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Model RandomModel(uint32_t seed, int hidden = 6) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  const auto fill = [&](auto& values) {
    for (Eigen::Index i = 0; i < values.size(); ++i) values.data()[i] = normal(random);
  };
  Model model;
  model.description = "random";
  model.services = {"a", "b", "c"};
  model.input_columns = {"a/cpu", "b/cpu", "c/cpu", "a>b/latency", "b/latency", "load"};
  for (int i = 0; i < 6; ++i) model.scales.push_back({0.1F * static_cast<float>(i), 1.0F / 3});
  model.features = {"value(cpu)", "peer(cpu)", "edge(edge:latency)", "shift(context:load)",
                    "peak(cpu)"};
  LayerWeights& layer = model.network.layers.emplace_back();
  layer.input.resize(4 * hidden, 5);
  layer.recurrent.resize(4 * hidden, hidden);
  layer.bias.resize(4 * hidden);
  model.network.head_weights.resize(hidden);
  fill(layer.input);
  fill(layer.recurrent);
  fill(layer.bias);
  fill(model.network.head_weights);
  model.network.head_bias = 0.1F;
  model.temperature = 1.7F;
  model.threshold = 0.35;
  model.alarm_rows = 3;
  model.alarm_votes = 2;
  return model;
}

Run RandomRun(uint32_t seed, int rows, int columns) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Run run;
  run.values.resize(rows, columns);
  for (int r = 0; r < rows; ++r) {
    run.time.push_back(r);
    for (int c = 0; c < columns; ++c) run.values(r, c) = random() % 20 == 0 ? kNan : normal(random);
  }
  return run;
}

std::unique_ptr<Detector> Make(const Model& model) {
  auto detector = Detector::Create(model);
  EXPECT_TRUE(detector.ok()) << detector.status();
  return *std::move(detector);
}

// LSTM with one input and one unit that passes tanh(value) on at once: score grows with value(cpu).
Model DirectModel() {
  Model model = RandomModel(1, 1);
  model.services = {"a", "b"};
  model.input_columns = {"a/cpu", "b/cpu"};
  model.scales = {{0, 1}, {0, 1}};
  model.features = {"value(cpu)"};
  LayerWeights& layer = model.network.layers[0];
  layer.input = Matrix::Zero(4, 1);
  layer.input(2, 0) = 1;
  layer.recurrent = Matrix::Zero(4, 1);
  layer.bias = Eigen::Vector4f(20, -20, 0, 20);  // write all, keep nothing, show all
  model.network.head_weights = Eigen::VectorXf::Constant(1, 4);
  model.network.head_bias = -2;
  model.temperature = 1;
  model.threshold = 0.5;
  model.alarm_rows = model.alarm_votes = 1;
  return model;
}

TEST(DetectorCreation, RefusesAModelWhoseShapesDoNotFit) {
  Model model = RandomModel(1);
  model.features.pop_back();
  EXPECT_EQ(Detector::Create(model).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Detector, BlamesTheServiceWithTheLargestScore) {
  const auto detector = Make(DirectModel());
  const Verdict verdict = detector->Step({0.1F, 2.0F});
  EXPECT_EQ(verdict.blamed, 1);
  EXPECT_TRUE(verdict.alarm);
  EXPECT_EQ(verdict.score, detector->service_scores()[1]);
  EXPECT_GT(detector->service_scores()[1], detector->service_scores()[0]);
}

TEST(Detector, WaitsForTheVotesBeforeItAlarms) {
  Model model = DirectModel();
  model.alarm_votes = 2;
  model.alarm_rows = 3;
  const auto detector = Make(model);
  std::vector<bool> alarms;
  for (const float value : {3.0F, 0.0F, 3.0F, 0.0F, 0.0F}) {
    alarms.push_back(detector->Step({value, 0}).alarm);
  }
  EXPECT_THAT(alarms, ElementsAre(false, false, true, false, false));
}

TEST(Detector, DoesNotAlarmOnAbsence) {
  Model model = DirectModel();
  model.network.head_bias = 100;  // a network that would always alarm
  const auto detector = Make(model);
  const Verdict verdict = detector->Step({kNan, kNan});
  EXPECT_EQ(verdict.score, 0);
  EXPECT_EQ(verdict.blamed, -1);
  EXPECT_FALSE(verdict.alarm);
}

TEST(Detector, ReadsWholeSystemModelsAsOneStreamWithoutName) {
  Model model = DirectModel();
  model.services.clear();
  model.input_columns = {"latency"};
  model.scales = {{0, 1}};
  model.features = {"value(context:latency)"};
  const auto detector = Make(model);
  EXPECT_THAT(detector->services(), ElementsAre(""));
  EXPECT_EQ(detector->Step({3.0F}).blamed, 0);
}

TEST(Detector, CleansTheRowsBeforeTheNetworkSeesThem) {
  Model model = DirectModel();
  model.cleaning.resize(2);
  for (ColumnCleaning& cleaning : model.cleaning) {
    cleaning.active = true;
    cleaning.window = 5;
    cleaning.threshold = 0.5;
  }
  const auto raw = Make(DirectModel());
  const auto cleaned = Make(model);
  float raw_spike = 0;
  float cleaned_spike = 0;
  for (int row = 0; row < 30; ++row) {
    const bool is_spike = row == 20;
    const std::vector<float> values = {is_spike ? 4.0F : 0.1F, 0.1F};
    const float raw_score = raw->Step(values).score;
    const float cleaned_score = cleaned->Step(values).score;
    if (!is_spike) continue;
    raw_spike = raw_score;
    cleaned_spike = cleaned_score;
  }
  EXPECT_GT(raw_spike, 0.5F);
  EXPECT_LT(cleaned_spike, 0.5F);
}

TEST(Detector, RunsAModelWithoutLabelsAsOneStream) {
  Model model;
  NoveltyModel& novelty = model.novelty.emplace();
  novelty.columns = {"a/x", "b/x"};
  novelty.scales = {{0, 1}, {0, 1}};
  NoveltyPart& part = novelty.parts.emplace_back();
  part.mean = Eigen::Vector2f::Zero();
  part.directions = Matrix(0, 2);
  part.rest_weight = 1;
  const auto detector = Make(model);
  EXPECT_THAT(detector->services(), ElementsAre(""));
  EXPECT_THAT(detector->input_columns(), ElementsAre("a/x", "b/x"));
  const Verdict usual = detector->Step({0.0F, 0.1F});
  EXPECT_LT(usual.score, 0.5F);
  EXPECT_FALSE(usual.alarm);
  const Verdict strange = detector->Step({6.0F, 6.0F});
  EXPECT_GT(strange.score, 0.5F);
  EXPECT_TRUE(strange.alarm);
  EXPECT_EQ(strange.blamed, 0);
  EXPECT_GT(detector->service_logits()[0], 0);
  detector->Reset();
  EXPECT_EQ(detector->Step({0.0F, 0.1F}).score, usual.score);
}

TEST(Detector, FindsItsColumnsInAnyOrderAndLivesWithoutSome) {
  const auto detector = Make(DirectModel());
  EXPECT_THAT(InputPositions(*detector, {"x", "b/cpu"}), ElementsAre(-1, 1));
}

TEST(Detector, GivesRowByRowWhatItGivesInABatchBitForBit) {
  EXPECT_TRUE(rc::check([] {
    const Model model = RandomModel(*rc::gen::arbitrary<uint32_t>(), *rc::gen::inRange(1, 40));
    const grayling::Run run =
        RandomRun(*rc::gen::arbitrary<uint32_t>(), *rc::gen::inRange(0, 60), 6);
    const auto batch = Make(model);
    const std::vector<int> positions = InputPositions(*batch, model.input_columns);
    ScoreRun(*batch, RandomRun(3, 20, 6), positions);  // history that must not show
    const std::vector<Verdict> verdicts = ScoreRun(*batch, run, positions);
    const auto live = Make(model);
    for (size_t r = 0; r < verdicts.size(); ++r) {
      const auto row = static_cast<Eigen::Index>(r);
      const Verdict verdict = live->Step(absl::MakeConstSpan(run.values.row(row).data(), 6));
      RC_ASSERT(verdict.score == verdicts[r].score);
      RC_ASSERT(verdict.alarm == verdicts[r].alarm);
      RC_ASSERT(verdict.blamed == verdicts[r].blamed);
    }
  }));
}

#ifdef GRAYLING_COUNTS_ALLOCATIONS
TEST(Detector, StepsWithoutAllocating) {
  const Model model = RandomModel(11, 32);
  const auto detector = Make(model);
  const grayling::Run run = RandomRun(12, 50, 6);
  const long before = allocations.load();
  float sum = 0;
  for (Eigen::Index r = 0; r < run.values.rows(); ++r) {
    sum += detector->Step(absl::MakeConstSpan(run.values.row(r).data(), 6)).score;
  }
  EXPECT_EQ(allocations.load(), before);
  EXPECT_GT(sum, 0);
  EXPECT_GT(before, 0);
}
#endif

// The cell's equations, one number at a time in double.
std::vector<double> SlowLogits(const Model& model, const Matrix& inputs) {
  const LayerWeights& layer = model.network.layers[0];
  const auto hidden = static_cast<size_t>(model.network.head_weights.size());
  std::vector<double> h(hidden, 0), c(hidden, 0), logits;
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  for (Eigen::Index r = 0; r < inputs.rows(); ++r) {
    std::vector<double> gates;
    for (Eigen::Index g = 0; g < layer.bias.size(); ++g) {
      double sum = layer.bias(g);
      for (Eigen::Index i = 0; i < inputs.cols(); ++i) sum += layer.input(g, i) * inputs(r, i);
      for (size_t j = 0; j < hidden; ++j) {
        sum += layer.recurrent(g, static_cast<Eigen::Index>(j)) * h[j];
      }
      gates.push_back(sum);
    }
    double logit = model.network.head_bias;
    for (size_t j = 0; j < hidden; ++j) {
      c[j] =
          sigmoid(gates[hidden + j]) * c[j] + sigmoid(gates[j]) * std::tanh(gates[2 * hidden + j]);
      h[j] = sigmoid(gates[3 * hidden + j]) * std::tanh(c[j]);
      logit += model.network.head_weights(static_cast<Eigen::Index>(j)) * h[j];
    }
    logits.push_back(logit);
  }
  return logits;
}

TEST(Detector, FollowsTheEquationsOfTheLstm) {
  Model model = RandomModel(5, 7);
  model.services.clear();
  model.input_columns = {"x"};
  model.scales = {{0, 1}};
  model.features = {"value(context:x)"};
  model.network.layers[0].input = model.network.layers[0].input.leftCols(1).eval();
  const auto detector = Make(model);
  Matrix inputs(30, 1);
  std::vector<float> logits;
  for (Eigen::Index r = 0; r < 30; ++r) {
    const auto value = static_cast<float>(std::sin(static_cast<double>(r)));
    inputs(r, 0) = 8 * std::tanh(value / 8);
    detector->Step({value});
    logits.push_back(detector->service_logits()[0]);
  }
  const std::vector<double> expected = SlowLogits(model, inputs);
  for (size_t r = 0; r < logits.size(); ++r) EXPECT_NEAR(logits[r], expected[r], 1e-4) << r;
}

TEST(AlarmVotes, CountsAsASlowWindowDoes) {
  EXPECT_TRUE(rc::check([] {
    const auto over = *rc::gen::container<std::vector<bool>>(rc::gen::arbitrary<bool>());
    const int rows = *rc::gen::inRange(1, 7);
    const int votes = *rc::gen::inRange(1, rows + 1);
    AlarmVotes filter(votes, rows);
    for (size_t i = 0; i < over.size(); ++i) {
      int count = 0;
      for (size_t back = 0; back < static_cast<size_t>(rows) && back <= i; ++back) {
        count += over[i - back] ? 1 : 0;
      }
      RC_ASSERT(filter.Add(over[i]) == (count >= votes));
    }
  }));
}

}  // namespace
}  // namespace grayling

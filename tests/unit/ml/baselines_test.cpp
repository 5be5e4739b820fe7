#include "ml/core/baselines.h"

#include <gtest/gtest.h>

#include <limits>

namespace grayling {
namespace {

Run RunWithLatencies(std::vector<float> latencies) {
  grayling::Run run;
  for (size_t i = 0; i < latencies.size(); ++i) run.time.push_back(static_cast<double>(i));
  run.values = Eigen::Map<Matrix>(latencies.data(), static_cast<Eigen::Index>(latencies.size()), 1);
  return run;
}

TEST(AlwaysAlarmBaseline, FindsEveryEventAndIsPreciseAsThePrevalence) {
  grayling::Run run = RunWithLatencies(std::vector<float>(10, 0));
  run.windows = {{2, 4, "x", "", "", std::nullopt, {}}};
  const Evaluation result = Evaluate({AlwaysAlarm(run)}, {});
  EXPECT_EQ(result.event_recall, 1);
  EXPECT_DOUBLE_EQ(result.precision, result.prevalence);
}

TEST(LatencyBaseline, TakesThe99thPercentileOfFaultFreeRowsOnly) {
  std::vector<float> latencies;
  for (int i = 1; i <= 200; ++i) latencies.push_back(static_cast<float>(i));
  latencies.push_back(9000);
  latencies.push_back(std::numeric_limits<float>::quiet_NaN());
  grayling::Run run = RunWithLatencies(latencies);
  run.windows = {{200, 201, "x", "", "", std::nullopt, {}}};  // the row with 9000
  const grayling::Run* training = &run;
  const auto rule = FitLatencyRule({training}, 0, 0);
  ASSERT_TRUE(rule.ok()) << rule.status();
  EXPECT_EQ(rule->threshold, 198);
}

TEST(LatencyBaseline, AlarmsOverTheThresholdAndScoresHalfAtIt) {
  const grayling::Run run = RunWithLatencies({1, 2, 6, std::numeric_limits<float>::quiet_NaN()});
  const ScoredRun scored = ScoreByLatency(run, {0, 2});
  EXPECT_EQ(scored.alarms, (std::vector<bool>{false, false, true, false}));
  EXPECT_EQ(scored.scores[1], 0.5f);
  EXPECT_EQ(scored.scores[2], 0.75f);
  EXPECT_EQ(scored.scores[3], 0);
}

TEST(LatencyBaseline, WithoutAFaultFreeValueThereIsNoRule) {
  grayling::Run run = RunWithLatencies({1, 2});
  run.windows = {{0, 9, "x", "", "", std::nullopt, {}}};
  const grayling::Run* training = &run;
  EXPECT_EQ(FitLatencyRule({training}, 0, 0).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ClientLatencyColumn, IsOurGeneratorsOrTheFirstWholeSystemLatency) {
  EXPECT_EQ(
      *ClientLatencyColumn({"front_latency_p99_seconds", "client_latency_seconds{quantile=0.99}"}),
      1u);
  EXPECT_EQ(*ClientLatencyColumn({"a/client_latency_p99_seconds", "front_latency_p99_seconds"}),
            1u);
  EXPECT_EQ(ClientLatencyColumn({"cpu"}).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace grayling

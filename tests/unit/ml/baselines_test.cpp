#include "ml/core/baselines.h"

#include <gtest/gtest.h>

#include <limits>

#include "ml/core/baselines_rules.h"

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

// Two columns: one that wanders between 0 and 9, one that never moves.
Run TwoColumns(size_t rows) {
  grayling::Run run;
  run.values = Matrix::Zero(static_cast<Eigen::Index>(rows), 2);
  for (size_t i = 0; i < rows; ++i) {
    run.time.push_back(static_cast<double>(i));
    run.values(static_cast<Eigen::Index>(i), 0) = static_cast<float>(i % 10);
    run.values(static_cast<Eigen::Index>(i), 1) = 100;
  }
  return run;
}

TEST(UsualColumnsBaseline, AlarmsWhereAColumnLeavesWhatTrainingShowed) {
  const grayling::Run training = TwoColumns(100);
  const grayling::Run* trained = &training;
  const auto usual = FitUsualColumns({trained}, 0);
  ASSERT_TRUE(usual.ok()) << usual.status();
  grayling::Run judged = TwoColumns(10);
  judged.values(3, 0) = 12;
  judged.values(5, 1) = 200;
  judged.values(7, 0) = std::numeric_limits<float>::quiet_NaN();
  const ScoredRun by_limits = ScoreByLimits(judged, *usual);
  const ScoredRun by_z = ScoreByLargestZ(judged, *usual);
  std::vector<bool> expected(10, false);
  expected[3] = expected[5] = true;
  EXPECT_EQ(by_limits.alarms, expected);
  EXPECT_EQ(by_z.alarms, expected);
  EXPECT_EQ(by_limits.scores[3], 0.5f);
  EXPECT_FLOAT_EQ(by_z.scores[5], 20);  // a constant column's scale is 5 % of its value
}

TEST(UsualColumnsBaseline, LearnsNothingFromFaultsAndNothingFromNothing) {
  grayling::Run training = TwoColumns(100);
  training.windows = {{50, 60, "x", "", "", std::nullopt, {}}};
  training.values.middleRows(50, 10).setConstant(1e6f);
  const grayling::Run* trained = &training;
  EXPECT_LE(FitUsualColumns({trained}, 0)->columns[0].limit, 9);
  training.values.setConstant(std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(FitUsualColumns({trained}, 0).status().code(), absl::StatusCode::kInvalidArgument);
}

// Four runs of one column, in four groups; the second half of each run is a fault in which the
// value is 100 instead of at most 9.
Dataset FaultyGroups() {
  Dataset dataset;
  dataset.columns = {"cpu", "still"};
  for (const char* name : {"a", "b", "c", "d"}) {
    grayling::Run run = TwoColumns(100);
    run.id = run.group = name;
    run.windows = {{50, 100, "x", "", "", std::nullopt, {}}};
    run.values.block(50, 0, 50, 1).setConstant(100);
    dataset.runs.push_back(std::move(run));
  }
  return dataset;
}

std::vector<ScoredRun> AllAlarming(const Dataset& dataset) {
  std::vector<ScoredRun> scored;
  for (const grayling::Run& run : dataset.runs) scored.push_back(AlwaysAlarm(run));
  return scored;
}

TEST(SimpleRules, AreFittedOnOtherGroupsWhereNothingIsMarked) {
  const Dataset dataset = FaultyGroups();
  const RuleEvaluations result = EvaluateSimpleRules(dataset, AllAlarming(dataset), {});
  ASSERT_EQ(result.rules.size(), 3U);
  EXPECT_EQ(result.rules[0].name, "always alarm");
  EXPECT_EQ(result.rules[1].evaluation.event_recall, 1);
  EXPECT_EQ(result.rules[1].evaluation.false_alarms, 0);
  EXPECT_EQ(result.rules[2].evaluation.event_recall, 1);
  ASSERT_EQ(result.remarks.size(), 1U);
  EXPECT_NE(result.remarks[0].find("other groups"), std::string::npos);
}

TEST(SimpleRules, NeverLookAtTheRunTheyJudgeWhenThereAreOthers) {
  Dataset dataset = FaultyGroups();
  // One run is calm elsewhere but wild here: a rule that had seen it would stay silent.
  dataset.runs[0].values.block(0, 0, 50, 1).setConstant(70);
  const RuleEvaluations result = EvaluateSimpleRules(dataset, AllAlarming(dataset), {});
  EXPECT_EQ(result.rules[1].evaluation.runs[0].false_alarms, 1);
}

TEST(SimpleRules, UseTheMarkedTrainingRunsOnly) {
  Dataset dataset = FaultyGroups();
  dataset.runs[0].split = "train";
  dataset.runs[1].values.setConstant(1e6f);
  const std::vector<ScoredRun> judged = {AlwaysAlarm(dataset.runs[2]),
                                         AlwaysAlarm(dataset.runs[3])};
  const RuleEvaluations result = EvaluateSimpleRules(dataset, judged, {});
  EXPECT_EQ(result.rules[1].evaluation.detected, 2);
  EXPECT_TRUE(result.remarks.empty());
}

TEST(SimpleRules, SayThatTheyWereFlatteredWhereThereIsOneRunOnly) {
  Dataset dataset = FaultyGroups();
  dataset.runs.resize(1);
  const RuleEvaluations result = EvaluateSimpleRules(dataset, AllAlarming(dataset), {});
  ASSERT_EQ(result.remarks.size(), 1U);
  EXPECT_NE(result.remarks[0].find("flatters"), std::string::npos);
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

#include "ml/core/evaluation.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ml/core/row_kind.h"

namespace grayling {
namespace {

Run MakeRun(size_t rows, std::vector<LabelWindow> windows, double step = 1) {
  grayling::Run run;
  for (size_t i = 0; i < rows; ++i) run.time.push_back(static_cast<double>(i) * step);
  run.windows = std::move(windows);
  return run;
}

LabelWindow Window(double start, double end, const std::string& label = "cpu.stress") {
  LabelWindow window;
  window.start = start;
  window.end = end;
  window.label = label;
  return window;
}

ScoredRun WithAlarmsAt(const Run& run, const std::vector<size_t>& rows) {
  ScoredRun scored{&run, std::vector<float>(run.time.size(), 0),
                   std::vector<bool>(run.time.size(), false)};
  for (const size_t row : rows) {
    scored.alarms[row] = true;
    scored.scores[row] = 1;
  }
  return scored;
}

ScoredRun WithScores(const Run& run, std::vector<float> scores) {
  return {&run, std::move(scores), std::vector<bool>(run.time.size(), false)};
}

TEST(RowKinds, AFaultGoesBeforeTheRecoveryOfAnotherOne) {
  const grayling::Run run = MakeRun(8, {Window(1, 3), Window(4, 5)});
  const auto kinds = KindsOfRows(run, 2);
  using K = RowKind;
  EXPECT_EQ(kinds, (std::vector<RowKind>{K::kFaultFree, K::kFault, K::kFault, K::kRecovery,
                                         K::kFault, K::kRecovery, K::kRecovery, K::kFaultFree}));
}

TEST(Evaluation, AnEventCountsFromItsStartUntilTheGraceHasPassed) {
  const grayling::Run run = MakeRun(100, {Window(10, 20), Window(40, 50), Window(70, 80)});
  const auto scored = WithAlarmsAt(run, {12, 54, 85});  // in time, in the grace, too late
  const Evaluation result = Evaluate({scored}, {.detection_grace_s = 5});
  EXPECT_EQ(result.events, 3);
  EXPECT_EQ(result.detected, 2);
  EXPECT_DOUBLE_EQ(result.event_recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(result.median_delay_s, (2 + 14) / 2.0);
  EXPECT_DOUBLE_EQ(result.p90_delay_s, 2 + 0.9 * 12);
  EXPECT_EQ(result.false_alarms, 1);
}

TEST(Evaluation, RecallIsKeptApartForEachFaultKind) {
  const grayling::Run run =
      MakeRun(100, {Window(10, 20, "a"), Window(40, 50, "a"), Window(70, 80, "b")});
  const auto scored = WithAlarmsAt(run, {15, 75});
  const Evaluation result = Evaluate({scored}, {});
  EXPECT_EQ(result.recall_per_label, (std::map<std::string, double>{{"a", 0.5}, {"b", 1}}));
}

TEST(Evaluation, FalseAlarmsAreEpisodesThatBeginOnFaultFreeTime) {
  const grayling::Run run = MakeRun(100, {Window(50, 60)});
  // One long episode, one short, one that begins in the fault and outlasts it, one in the recovery.
  const auto scored = WithAlarmsAt(run, {3, 4, 5, 20, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67});
  const Evaluation result = Evaluate({scored}, {.recovery_s = 5});
  EXPECT_EQ(result.false_alarms, 2);
  EXPECT_DOUBLE_EQ(result.fault_free_hours, 85.0 / 3600);
  EXPECT_DOUBLE_EQ(result.false_alarms_per_hour, 2 / (85.0 / 3600));
}

TEST(Evaluation, AnAlarmThatNeverEndsIsOneEpisodeButAllOfTheTime) {
  const grayling::Run run = MakeRun(100, {Window(50, 60)});
  std::vector<size_t> rows(100);
  std::iota(rows.begin(), rows.end(), 0);
  const Evaluation result = Evaluate({WithAlarmsAt(run, rows)}, {});
  EXPECT_EQ(result.false_alarms, 1);
  EXPECT_EQ(result.false_alarm_share, 1);
}

TEST(Evaluation, AGapIsNotWatchedTime) {
  grayling::Run run = MakeRun(10, {});
  for (size_t i = 5; i < 10; ++i) run.time[i] += 1000;
  const Evaluation result = Evaluate({WithAlarmsAt(run, {})}, {});
  EXPECT_DOUBLE_EQ(result.fault_free_hours, 10.0 / 3600);
}

TEST(Evaluation, RowMeasuresLeaveTheRecoveryOut) {
  const grayling::Run run = MakeRun(10, {Window(2, 6)});
  const auto scored = WithAlarmsAt(run, {2, 3, 4, 6, 7, 9});
  const Evaluation result = Evaluate({scored}, {.recovery_s = 2});
  // Positive 2..5, left out 6 and 7, fault-free 0, 1, 8, 9: three hits, one miss, one false.
  EXPECT_DOUBLE_EQ(result.precision, 0.75);
  EXPECT_DOUBLE_EQ(result.recall, 0.75);
  EXPECT_DOUBLE_EQ(result.f1, 0.75);
  EXPECT_DOUBLE_EQ(result.accuracy, 0.75);
  EXPECT_DOUBLE_EQ(result.prevalence, 0.5);
}

TEST(Evaluation, AWindowOutsideItsRunIsNoEvent) {
  const grayling::Run run = MakeRun(10, {Window(100, 120)});
  const Evaluation result = Evaluate({WithAlarmsAt(run, {})}, {});
  EXPECT_EQ(result.events, 0);
  EXPECT_TRUE(std::isnan(result.event_recall));
  EXPECT_TRUE(std::isnan(result.pr_auc));
  EXPECT_TRUE(std::isnan(result.median_delay_s));
}

TEST(AveragePrecision, IsThatOfTheTextbookExample) {
  // scikit-learn's example: y = 0 0 1 1, scores 0.1 0.4 0.35 0.8 give 0.8333.
  const grayling::Run run = MakeRun(4, {Window(2, 4)});
  const Evaluation result = Evaluate({WithScores(run, {0.1f, 0.4f, 0.35f, 0.8f})}, {});
  EXPECT_NEAR(result.pr_auc, 0.8333333, 1e-6);
}

TEST(AveragePrecision, OfAConstantScoreIsThePrevalence) {
  const grayling::Run run = MakeRun(10, {Window(2, 5)});
  const Evaluation result = Evaluate({WithScores(run, std::vector<float>(10, 0.5f))}, {});
  EXPECT_DOUBLE_EQ(result.pr_auc, 0.3);
}

// The twin goes through all thresholds and counts anew at each.
RC_GTEST_PROP(AveragePrecisionProperty, EqualsCountingAnewAtEveryThreshold, ()) {
  const auto levels =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6)));
  const int positives = *rc::gen::inRange(1, static_cast<int>(levels.size()) + 1);
  const grayling::Run run = MakeRun(levels.size(), {Window(0, positives)});
  const std::vector<float> scores(levels.begin(), levels.end());
  double expected = 0, recall_before = 0;
  for (int threshold = 5; threshold >= 0; --threshold) {
    double hits = 0, alarms = 0;
    for (size_t i = 0; i < levels.size(); ++i) {
      if (levels[i] < threshold) continue;
      ++alarms;
      if (static_cast<int>(i) < positives) ++hits;
    }
    if (alarms == 0) continue;
    expected += (hits / positives - recall_before) * hits / alarms;
    recall_before = hits / positives;
  }
  RC_ASSERT(std::abs(Evaluate({WithScores(run, scores)}, {}).pr_auc - expected) < 1e-12);
}

TEST(ThresholdTable, IsWrittenToTheLetter) {
  EXPECT_EQ(FormatThresholdTable({{0.1, 0.71, 1, 0.83, 0.88}, {0.95, 1, 0.333, 0.5, 0.905}}),
            "Thresh | Prec | Rec  | F1   | Acc\n"
            "0.10   | 0.71 | 1.00 | 0.83 | 0.88\n"
            "0.95   | 1.00 | 0.33 | 0.50 | 0.91\n");
}

TEST(ThresholdTable, CountsRowsAtOrOverEachThreshold) {
  const grayling::Run run = MakeRun(4, {Window(2, 4)});
  const auto table =
      TabulateThresholds({WithScores(run, {0.25f, 0.5f, 0.5f, 0.75f})}, {0.5, 0.6}, {});
  ASSERT_EQ(table.size(), 2u);
  EXPECT_DOUBLE_EQ(table[0].precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(table[0].recall, 1);
  EXPECT_DOUBLE_EQ(table[1].precision, 1);
  EXPECT_DOUBLE_EQ(table[1].recall, 0.5);
  EXPECT_DOUBLE_EQ(table[1].accuracy, 0.75);
}

}  // namespace
}  // namespace grayling

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <deque>

#include "absl/strings/str_cat.h"
#include "ml/core/evaluation.h"
#include "ml/core/evaluation_text.h"
#include "ml/core/row_kind.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

LabelWindow Window(double start, double end, const std::string& label = "cpu.stress",
                   std::optional<double> intensity = std::nullopt) {
  LabelWindow window;
  window.start = start;
  window.end = end;
  window.label = label;
  window.intensity = intensity;
  return window;
}

Run MakeRun(const std::string& id, size_t rows, std::vector<LabelWindow> windows) {
  grayling::Run run;
  run.id = run.group = id;
  for (size_t i = 0; i < rows; ++i) run.time.push_back(static_cast<double>(i));
  run.windows = std::move(windows);
  return run;
}

// Alarm and score 0.9 in the given rows, else 0.1.
ScoredRun WithAlarmsAt(const Run& run, const std::vector<size_t>& rows) {
  ScoredRun scored{&run, std::vector<float>(run.time.size(), 0.1F),
                   std::vector<bool>(run.time.size(), false)};
  for (const size_t row : rows) {
    scored.alarms[row] = true;
    scored.scores[row] = 0.9F;
  }
  return scored;
}

TEST(DefaultEvaluation, FollowsThePeriodOfTheData) {
  EXPECT_EQ(DefaultEvaluation(1).detection_grace_s, 2);
  EXPECT_EQ(DefaultEvaluation(1).recovery_s, 4);
  EXPECT_EQ(DefaultEvaluation(60).detection_grace_s, 120);
  EXPECT_EQ(DefaultEvaluation(60).recovery_s, 120);
  EXPECT_TRUE(std::isinf(DefaultEvaluation(60).margin_s));
}

TEST(Margin, LeavesRowsOutThatAreFarFromEveryFault) {
  const grayling::Run run = MakeRun("a", 1000, {Window(500, 510), Window(530, 540)});
  const auto scored = WithAlarmsAt(run, {10, 480, 505, 900});
  const Evaluation all = Evaluate({scored}, {});
  const Evaluation near = Evaluate({scored}, {.margin_s = 50});
  EXPECT_EQ(all.false_alarms, 3);
  EXPECT_EQ(near.false_alarms, 1);
  EXPECT_DOUBLE_EQ(near.fault_free_hours, (50 + 20 + 50) / 3600.0);
  EXPECT_EQ(near.events, 2);
  EXPECT_EQ(near.detected, 1);
  EXPECT_DOUBLE_EQ(near.prevalence, 20 / 140.0);
}

TEST(Margin, CountsAnAlarmThatStandsWhereJudgingBegins) {
  const grayling::Run run = MakeRun("a", 100, {Window(50, 60)});
  const auto scored = WithAlarmsAt(run, {38, 39, 40, 41});
  EXPECT_EQ(Evaluate({scored}, {.margin_s = 10}).false_alarms, 1);
}

TEST(Margin, ARunWithoutFaultsCountsNothing) {
  const grayling::Run run = MakeRun("a", 100, {});
  EXPECT_EQ(Evaluate({WithAlarmsAt(run, {5})}, {.margin_s = 10}).fault_free_hours, 0);
}

TEST(Grace, EndsWhereTheNextFaultBegins) {
  const grayling::Run run = MakeRun("a", 100, {Window(10, 20), Window(22, 30)});
  const Evaluation result = Evaluate({WithAlarmsAt(run, {22})}, {.detection_grace_s = 5});
  EXPECT_EQ(result.detected, 1);
  EXPECT_DOUBLE_EQ(result.median_delay_s, 0);
}

TEST(Evaluation, TellsKindsAndIntensitiesApart) {
  const grayling::Run run = MakeRun("a", 100,
                                    {Window(10, 20, "cpu", 0.2), Window(30, 40, "cpu", 0.8),
                                     Window(50, 60, "cpu", 0.8), Window(70, 80, "loss")});
  const Evaluation result = Evaluate({WithAlarmsAt(run, {35, 75})}, {});
  ASSERT_EQ(result.recall_per_intensity.size(), 3U);
  EXPECT_EQ(result.recall_per_intensity[0].intensity, 0.2);
  EXPECT_EQ(result.recall_per_intensity[0].detected, 0);
  EXPECT_EQ(result.recall_per_intensity[1].events, 2);
  EXPECT_EQ(result.recall_per_intensity[1].detected, 1);
  EXPECT_EQ(result.recall_per_intensity[2].label, "loss");
  EXPECT_DOUBLE_EQ(result.recall_per_label.at("cpu"), 1.0 / 3);
}

// `count` runs with one fault each, of which every second is found.
struct ManyRuns {
  std::deque<Run> runs;
  std::vector<ScoredRun> scored;

  explicit ManyRuns(int count) {
    for (int i = 0; i < count; ++i) {
      runs.push_back(MakeRun(absl::StrCat("r", i), 100, {Window(40, 60)}));
      scored.push_back(
          WithAlarmsAt(runs.back(), i % 2 == 0 ? std::vector<size_t>{45} : std::vector<size_t>{5}));
    }
  }
};

TEST(FullEvaluation, ResamplesRunsAndItsIntervalsHoldTheEstimate) {
  const ManyRuns many(20);
  const Evaluation result = EvaluateFully(many.scored, {});
  EXPECT_EQ(result.resampled, "runs");
  // Binomial with n = 20, p = 0.5: standard error 0.11.
  EXPECT_NEAR(result.event_recall_interval.low, 0.28, 0.08);
  EXPECT_NEAR(result.event_recall_interval.high, 0.72, 0.08);
  EXPECT_LT(result.false_alarms_per_hour_interval.low, result.false_alarms_per_hour);
  EXPECT_GT(result.false_alarms_per_hour_interval.high, result.false_alarms_per_hour);
  EXPECT_LT(result.pr_auc_interval.low, result.pr_auc);
  EXPECT_GT(result.pr_auc_interval.high, result.pr_auc);
}

TEST(FullEvaluation, ResamplesWholeGroupsOrEventsWhereThereAreFewGroups) {
  ManyRuns many(20);
  for (size_t i = 0; i < many.runs.size(); ++i) many.runs[i].group = absl::StrCat(i / 2);
  EXPECT_EQ(EvaluateFully(many.scored, {}).resampled, "groups");
  for (grayling::Run& run : many.runs) run.group = "all";
  const Evaluation result = EvaluateFully(many.scored, {});
  EXPECT_EQ(result.resampled, "events");
  EXPECT_LT(result.event_recall_interval.low, 0.45);
  EXPECT_GT(result.event_recall_interval.high, 0.55);
}

TEST(FullEvaluation, DoesNotCallPerfectCertain) {
  const grayling::Run run =
      MakeRun("a", 400, {Window(100, 110), Window(200, 210), Window(300, 310)});
  const Evaluation result = EvaluateFully({WithAlarmsAt(run, {105, 205, 305})}, {});
  EXPECT_EQ(result.event_recall, 1);
  EXPECT_DOUBLE_EQ(result.event_recall_interval.low, 0);  // rule of three, n = 3
  EXPECT_EQ(result.false_alarms_per_hour, 0);
  EXPECT_DOUBLE_EQ(result.false_alarms_per_hour_interval.high, 3 / result.fault_free_hours);
}

TEST(FullEvaluation, AgreesWithThePlainOne) {
  const ManyRuns many(7);
  const EvaluationSettings settings{.detection_grace_s = 3, .recovery_s = 5};
  const Evaluation plain = Evaluate(many.scored, settings);
  const Evaluation full = EvaluateFully(many.scored, {.base = settings});
  EXPECT_EQ(full.event_recall, plain.event_recall);
  EXPECT_EQ(full.false_alarms_per_hour, plain.false_alarms_per_hour);
  EXPECT_DOUBLE_EQ(full.pr_auc, plain.pr_auc);
  EXPECT_EQ(full.f1, plain.f1);
  int events = 0, false_alarms = 0;
  for (const RunEvaluation& one : full.runs) {
    events += one.events;
    false_alarms += one.false_alarms;
  }
  EXPECT_EQ(events, plain.events);
  EXPECT_EQ(false_alarms, plain.false_alarms);
}

TEST(FullEvaluation, TakesTheMedianEventAsTheWindowOfVusPr) {
  const grayling::Run run =
      MakeRun("a", 1000, {Window(100, 110), Window(200, 230), Window(300, 350)});
  EXPECT_EQ(EvaluateFully({WithAlarmsAt(run, {105})}, {}).vus_window, 30);
  EXPECT_EQ(EvaluateFully({WithAlarmsAt(run, {105})}, {.vus_window = 7}).vus_window, 7);
}

TEST(FullEvaluation, IsTheSameTwice) {
  const ManyRuns many(9);
  EXPECT_EQ(ToJson(EvaluateFully(many.scored, {})), ToJson(EvaluateFully(many.scored, {})));
}

TEST(FullEvaluation, OfNothingIsUndefinedButNoCrash) {
  const Evaluation result = EvaluateFully({}, {});
  EXPECT_TRUE(std::isnan(result.event_recall));
  EXPECT_TRUE(std::isnan(result.vus_pr));
  EXPECT_TRUE(ToJson(result)["event_recall"].is_null());
  EXPECT_THAT(FormatEvaluations({{"x", result}}), HasSubstr("0 events"));
}

TEST(EvaluationText, ShowsEveryDetectorWithIntervalsAndKinds) {
  const ManyRuns many(8);
  const Evaluation result = EvaluateFully(many.scored, {});
  const std::string text = FormatEvaluations({{"model", result}, {"rule", result}});
  EXPECT_THAT(text, HasSubstr("Judged: 8 events"));
  EXPECT_THAT(text, HasSubstr("bootstrap intervals over runs"));
  EXPECT_THAT(text, HasSubstr("model    | 0.50 ["));
  EXPECT_THAT(text, HasSubstr("cpu.stress           |      8 |  0.50 | 0.50"));
}

TEST(EvaluationJson, HoldsEveryMetricOfTheGlossary) {
  const ManyRuns many(8);
  const auto json = ToJson(EvaluateFully(many.scored, {}));
  for (const char* key :
       {"event_recall", "median_delay_s", "p90_delay_s", "missed", "false_alarms_per_hour",
        "precision", "recall", "f1", "pr_auc", "vus_pr", "prevalence", "brier",
        "expected_calibration_error", "recall_per_label", "recall_per_label_and_intensity"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json["event_recall_interval"].size(), 2U);
  EXPECT_EQ(json["runs"].size(), 8U);
}

}  // namespace
}  // namespace grayling

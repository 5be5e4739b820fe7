#include "ml/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ml/report/numbers.h"
#include "ml/report/page.h"
#include "ml/report/timeline.h"
#include "ml/report/training_overlap.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Four runs of 200 rows, a row every 10 s, two services; runs 1 to 3 have a fault of "front" in
// rows 100 to 119, in which its latency is ten times as high. Runs 2 and 3 are for testing.
Dataset Shop() {
  Dataset dataset;
  dataset.name = "shop";
  dataset.period_s = 10;
  dataset.columns = {"front/latency_seconds", "back/latency_seconds", "still"};
  std::mt19937 random(1);
  std::normal_distribution<float> noise(1, 0.1F);
  for (int r = 0; r < 4; ++r) {
    grayling::Run run;
    run.id = absl::StrCat("run", r);
    run.group = absl::StrCat("group", r);
    run.split = r < 2 ? "train" : "test";
    run.values.resize(200, 3);
    for (int row = 0; row < 200; ++row) {
      run.time.push_back(1.7e9 + 10.0 * row);
      const bool is_faulty = r > 0 && row >= 100 && row < 120;
      run.values.row(row) << noise(random) * (is_faulty ? 10 : 1), noise(random), 3;
    }
    if (r > 0) {
      run.windows.push_back({run.time[100], run.time[120], "delay", "front", "", std::nullopt});
    }
    dataset.runs.push_back(std::move(run));
  }
  return dataset;
}

Model ModelOf(const Dataset& dataset) {
  Model model;
  model.description = "a model";
  model.period_s = dataset.period_s;
  model.features = {"value(front/latency_seconds)"};
  model.threshold = 0.6;
  model.provenance.dataset = dataset.name;
  model.provenance.dataset_hash = "c0ffee";
  model.provenance.groups = {"group0", "group1"};
  model.provenance.metrics = {{"pr_auc", 0.8125}, {"precision", std::nan("")}};
  return model;
}

// Scores that find every fault, and raise one false alarm per run in rows 20 to 22.
std::vector<ScoredRun> GoodScores(const Dataset& dataset, bool only_test) {
  std::vector<ScoredRun> runs;
  for (const Run& run : dataset.runs) {
    if (only_test && run.split != "test") continue;
    ScoredRun scored{&run, {}, {}};
    for (size_t row = 0; row < run.time.size(); ++row) {
      const bool is_high = (row >= 100 && row < 120) || (row >= 20 && row < 23);
      scored.scores.push_back(is_high ? 0.9F : 0.1F);
      scored.alarms.push_back(is_high);
    }
    runs.push_back(std::move(scored));
  }
  return runs;
}

ReportSubject Unscored(const Dataset& dataset) {
  ReportSubject subject;
  subject.dataset = &dataset;
  subject.judged_in_words = "all runs";
  for (const Run& run : dataset.runs) subject.judged.push_back({&run, {}, {}});
  return subject;
}

ReportSubject WithModel(const Dataset& dataset, const Model& model, bool only_test) {
  ReportSubject subject;
  subject.dataset = &dataset;
  subject.dataset_hash = "c0ffee";
  subject.model = &model;
  subject.score_source = ScoreSource::kModel;
  subject.judged = GoodScores(dataset, only_test);
  subject.judged_in_words = only_test ? "the runs with split \"test\"" : "all runs";
  return subject;
}

ReportSettings SettingsFor(const Dataset& dataset) {
  ReportSettings settings;
  settings.evaluation = DefaultEvaluation(dataset.period_s);
  return settings;
}

std::string ReportOf(const ReportSubject& subject) {
  return WriteReport(subject, SettingsFor(*subject.dataset));
}

size_t CountOf(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// The first tag that is closed out of turn or never; empty when all nest.
std::string FirstTagOutOfTurn(const std::string& html) {
  const std::set<std::string> single = {"meta", "!DOCTYPE"};
  std::vector<std::string> open;
  for (size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const size_t end = html.find('>', at);
    if (end == std::string::npos) return html.substr(at, 20);
    const bool is_closing = html[at + 1] == '/';
    const size_t name_at = at + (is_closing ? 2 : 1);
    const std::string name = html.substr(name_at, html.find_first_of(" >/", name_at) - name_at);
    if (single.count(name) > 0 || html[end - 1] == '/') continue;
    if (!is_closing) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return absl::StrCat("/", name);
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

TEST(Report, IsOneDocumentWhoseTagsNest) {
  const Dataset dataset = Shop();
  const Model model = ModelOf(dataset);
  for (const std::string& page :
       {ReportOf(WithModel(dataset, model, true)), ReportOf(Unscored(dataset))}) {
    EXPECT_EQ(FirstTagOutOfTurn(page), "");
    EXPECT_EQ(page.rfind("<!DOCTYPE html>", 0), 0U);
    EXPECT_EQ(CountOf(page, "<section"), 7U);
  }
}

TEST(Report, FetchesNothingAndRunsNothing) {
  const Dataset dataset = Shop();
  const Model model = ModelOf(dataset);
  const std::string page = ReportOf(WithModel(dataset, model, true));
  for (const char* part : {"<script", "<link", "<img", "<iframe", "src=", "url(", "@import",
                           "href=\"http", "onload"}) {
    EXPECT_THAT(page, Not(HasSubstr(part)));
  }
}

TEST(Report, ShowsNamesFromForeignFilesAsTextOnly) {
  const std::string evil = "x<script>alert('1')</script>\"&";
  Dataset dataset = Shop();
  dataset.name = dataset.description = dataset.source = dataset.licence = evil;
  dataset.columns = {evil + "/a", "b/" + evil, evil};
  for (grayling::Run& run : dataset.runs) {
    run.id += evil;
    run.group += evil;
    run.entity = evil;
    for (LabelWindow& window : run.windows) window.label = window.service = evil;
  }
  Model model = ModelOf(dataset);
  model.description = model.provenance.architecture = evil;
  model.features = model.services = model.provenance.groups = {evil};
  model.provenance.metrics = {{evil, 1.0}};
  ReportSubject subject = WithModel(dataset, model, true);
  subject.judged_in_words = evil;
  subject.remarks = {evil};
  const std::string page = ReportOf(subject);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("x&lt;script&gt;alert("));
  EXPECT_EQ(FirstTagOutOfTurn(page), "");
}

TEST(Report, ShowsWhatTheEvaluationFound) {
  const Dataset dataset = Shop();
  const Model model = ModelOf(dataset);
  const ReportSubject subject = WithModel(dataset, model, true);
  const ReportSettings settings = SettingsFor(dataset);
  const Evaluation expected =
      EvaluateFully(subject.judged, FullEvaluationSettings{.base = settings.evaluation});
  ASSERT_EQ(expected.detected, 2);
  ASSERT_EQ(expected.false_alarms, 2);
  const std::string page = WriteReport(subject, settings);
  EXPECT_THAT(page, HasSubstr(absl::StrCat("<td>", FixedText(expected.event_recall, 2),
                                           IntervalText(expected.event_recall_interval, 2))));
  EXPECT_THAT(page, HasSubstr(absl::StrCat(FixedText(expected.false_alarms_per_hour, 2),
                                           IntervalText(expected.false_alarms_per_hour_interval, 1),
                                           "</td><td>2<")));
  EXPECT_THAT(page, HasSubstr(FixedText(expected.pr_auc, 3)));
}

TEST(Report, TellsAtTheTopHowMuchTimeFalseAlarmsTake) {
  const Dataset dataset = Shop();
  const Model model = ModelOf(dataset);
  // 3 rows of the 178 that are fault-free, in each run.
  EXPECT_THAT(ReportOf(WithModel(dataset, model, true)),
              HasSubstr("The model found 2 of 2 events (recall 1.00"));
  EXPECT_THAT(ReportOf(WithModel(dataset, model, true)),
              HasSubstr("in alarm for 1.7 % of the fault-free time; median delay 0 s. Measured on "
                        "the runs with split &quot;test&quot;."));
}

TEST(Report, SetsSimpleRulesBesideTheDetector) {
  const Dataset dataset = Shop();
  const Model model = ModelOf(dataset);
  const std::string page = ReportOf(WithModel(dataset, model, true));
  for (const char* rule : {"always alarm", "a column &gt; its p99.9", "largest robust z"}) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("<td class=\"text\">", rule)));
  }
}

TEST(Report, SaysOnWhatItMeasured) {
  const Dataset dataset = Shop();
  const Model model = ModelOf(dataset);
  ReportSettings settings = SettingsFor(dataset);
  const ReportSubject subject = WithModel(dataset, model, true);
  EXPECT_THAT(
      WriteReport(subject, settings),
      HasSubstr("Measured on the runs with split &quot;test&quot; (2 of 4 runs): 2 events"));
  EXPECT_THAT(WriteReport(subject, settings), HasSubstr("All rows count."));
  settings.evaluation.margin_s = 600;
  EXPECT_THAT(WriteReport(subject, settings),
              HasSubstr("Only rows from 10.0 min before a run&#39;s first fault"));
}

TEST(Report, WarnsWhereTheModelWasFittedOnTheJudgedRuns) {
  const Dataset dataset = Shop();
  const Model model = ModelOf(dataset);
  EXPECT_THAT(ReportOf(WithModel(dataset, model, false)),
              HasSubstr("The model was fitted on 2 of the 4 judged runs"));
  EXPECT_THAT(ReportOf(WithModel(dataset, model, true)), Not(HasSubstr("Warning")));
}

TEST(Report, ShowsOutOfFoldMetricsAndADashForThoseThatAreUndefined) {
  const Dataset dataset = Shop();
  const Model model = ModelOf(dataset);
  const std::string page = ReportOf(WithModel(dataset, model, true));
  EXPECT_THAT(page, HasSubstr("<td class=\"text\">pr_auc</td><td>0.812</td>"));
  EXPECT_THAT(
      page, HasSubstr(absl::StrCat("<td class=\"text\">precision</td><td>", kUndefined, "</td>")));
}

TEST(Report, RanksTheServiceThatIsToBlame) {
  const Dataset dataset = Shop();
  const std::string page = ReportOf(Unscored(dataset));
  EXPECT_THAT(page, HasSubstr("<td class=\"text\">all</td><td>3</td><td>1.000</td>"));
}

TEST(Report, SaysWhereTheBlamedServiceIsTheOnlyOneThereIs) {
  Dataset dataset = Shop();
  EXPECT_THAT(ReportOf(Unscored(dataset)), Not(HasSubstr("only one service has values")));
  dataset.runs[2].values.col(1).setConstant(std::numeric_limits<float>::quiet_NaN());
  EXPECT_THAT(ReportOf(Unscored(dataset)),
              HasSubstr("In the runs of 1 of these 3 faults only one service has values"));
}

TEST(Report, SaysWhyASectionIsAbsent) {
  Dataset dataset = Shop();
  dataset.columns = {"a", "b", "c"};
  for (grayling::Run& run : dataset.runs) run.windows.clear();
  const std::string page = ReportOf(Unscored(dataset));
  EXPECT_THAT(page, HasSubstr("No fault is labelled, so there is nothing to compare."));
  EXPECT_THAT(page, HasSubstr("No model was given"));
  EXPECT_THAT(page, HasSubstr("so only false alarms can be counted"));
  EXPECT_THAT(page, HasSubstr("No column names a service"));
  EXPECT_EQ(FirstTagOutOfTurn(page), "");
}

TEST(Report, WritesNoNumberThatIsNone) {
  Dataset dataset = Shop();
  for (grayling::Run& run : dataset.runs) {
    run.values.setConstant(std::numeric_limits<float>::quiet_NaN());
  }
  const std::string page = ReportOf(Unscored(dataset));
  for (const char* part : {">nan", "nan ", "\"nan", "-nan", ">inf", " inf "}) {
    EXPECT_THAT(page, Not(HasSubstr(part)));
  }
}

TEST(Report, LivesThroughRunsWithoutRowsAndOfOneRow) {
  Dataset dataset = Shop();
  dataset.runs[2].time.resize(1);
  dataset.runs[2].values.conservativeResize(1, Eigen::NoChange);
  dataset.runs[3].time.clear();
  dataset.runs[3].values.conservativeResize(0, Eigen::NoChange);
  EXPECT_EQ(FirstTagOutOfTurn(ReportOf(Unscored(dataset))), "");
}

TEST(Report, DrawsNoMoreRunsThanAskedForAndThoseWithFaultsFirst) {
  const Dataset dataset = Shop();
  const Model model = ModelOf(dataset);
  ReportSettings settings = SettingsFor(dataset);
  settings.timelines = 1;
  const std::string page = WriteReport(WithModel(dataset, model, false), settings);
  EXPECT_THAT(page, HasSubstr("Drawn: 1 of 4 judged runs"));
  EXPECT_THAT(page, HasSubstr("<figcaption>run1: from 2023-11-14 22:13:20 UTC, 200 rows, 1 fault, "
                              "found 1 of 1, 1 false alarm.</figcaption>"));
  EXPECT_THAT(page, Not(HasSubstr("<figcaption>run0")));
}

class TimelineOfOneRun : public ::testing::Test {
 protected:
  TimelineOfOneRun() : dataset_(Shop()), scored_(GoodScores(dataset_, true).front()) {
    settings_.period_s = dataset_.period_s;
    settings_.kinds = {"delay"};
  }
  Dataset dataset_;
  ScoredRun scored_;
  TimelineSettings settings_;
};

TEST_F(TimelineOfOneRun, HasOneMarkPerAlarmEpisodeAndPerWindow) {
  const std::string svg = DrawTimeline(scored_, settings_);
  EXPECT_EQ(CountOf(svg, "fill=\"#a50026\""), 2U);
  EXPECT_EQ(CountOf(svg, "fill=\"#f4c7a1\""), 1U);
  EXPECT_EQ(CountOf(svg, "<polyline"), 1U);
}

TEST_F(TimelineOfOneRun, PlacesAnAlarmByItsTime) {
  // Rows 100 to 119 of 200 over 930 pixels from 60 on.
  EXPECT_THAT(DrawTimeline(scored_, settings_),
              HasSubstr("<rect x=\"525.0\" y=\"102.0\" width=\"93.0\""));
}

TEST_F(TimelineOfOneRun, DrawsTheThresholdOnlyWhereItIsKnown) {
  const size_t lines = CountOf(DrawTimeline(scored_, settings_), "<line");
  settings_.threshold = 0.5;
  EXPECT_EQ(CountOf(DrawTimeline(scored_, settings_), "<line"), lines + 1);
}

TEST_F(TimelineOfOneRun, DrawsNoLineOverAGap) {
  grayling::Run run = dataset_.runs[2];
  for (size_t row = 50; row < run.time.size(); ++row) run.time[row] += 1000;
  scored_.run = &run;
  EXPECT_EQ(CountOf(DrawTimeline(scored_, settings_), "<polyline"), 2U);
}

TEST_F(TimelineOfOneRun, KeepsTheLargestScoreOfALongRun) {
  grayling::Run run;
  ScoredRun scored{&run, std::vector<float>(100000, 0), std::vector<bool>(100000, false)};
  for (size_t row = 0; row < 100000; ++row) run.time.push_back(static_cast<double>(row));
  settings_.period_s = 1;
  scored.scores[54321] = 1;
  const std::string svg = DrawTimeline(scored, settings_);
  EXPECT_THAT(svg, HasSubstr(absl::StrFormat("%.1f,16.0 ", 60 + 930 * 0.54321)));
  EXPECT_LT(svg.size(), 30000U);
}

TEST_F(TimelineOfOneRun, GreysWhatTheMarginLeavesOut) {
  EXPECT_EQ(CountOf(DrawTimeline(scored_, settings_), "#e8e8e8"), 0U);
  settings_.evaluation.margin_s = 100;
  EXPECT_EQ(CountOf(DrawTimeline(scored_, settings_), "#e8e8e8"), 2U);
}

std::vector<const Run*> AllRuns(const Dataset& dataset) {
  std::vector<const Run*> runs;
  for (const Run& run : dataset.runs) runs.push_back(&run);
  return runs;
}

TEST(Overlap, IsTheTrainingRunsOfTheModelsGroups) {
  const Dataset dataset = Shop();
  const Provenance from = ModelOf(dataset).provenance;
  const TrainingOverlap overlap = OverlapWithTraining(from, dataset, "c0ffee", AllRuns(dataset));
  EXPECT_THAT(overlap.seen, ElementsAre("run0", "run1"));
  EXPECT_FALSE(overlap.is_other_version);
}

TEST(Overlap, LeavesOutTheTestRunsOfAGroupThatHasBoth) {
  Dataset dataset = Shop();
  dataset.runs[2].group = "group1";
  const Provenance from = ModelOf(dataset).provenance;
  EXPECT_THAT(OverlapWithTraining(from, dataset, "c0ffee", AllRuns(dataset)).seen,
              ElementsAre("run0", "run1"));
}

TEST(Overlap, CountsEveryRunOfAGroupWhereNothingIsSplit) {
  Dataset dataset = Shop();
  for (grayling::Run& run : dataset.runs) run.split.clear();
  dataset.runs[3].group = "group1";
  const Provenance from = ModelOf(dataset).provenance;
  EXPECT_THAT(OverlapWithTraining(from, dataset, "c0ffee", AllRuns(dataset)).seen,
              ElementsAre("run0", "run1", "run3"));
}

TEST(Overlap, KnowsAnotherDataSetFromAnotherVersion) {
  Dataset dataset = Shop();
  const Provenance from = ModelOf(dataset).provenance;
  EXPECT_TRUE(OverlapWithTraining(from, dataset, "facade", AllRuns(dataset)).is_other_version);
  dataset.name = "other";
  EXPECT_THAT(OverlapWithTraining(from, dataset, "facade", AllRuns(dataset)).seen, IsEmpty());
}

TEST(Numbers, AreWrittenInTheUnitThatSuits) {
  EXPECT_EQ(DurationText(45), "45 s");
  EXPECT_EQ(DurationText(600), "10.0 min");
  EXPECT_EQ(DurationText(3 * 3600), "3.0 h");
  EXPECT_EQ(DurationText(9 * 86400), "9.0 days");
  EXPECT_EQ(DurationText(std::nan("")), kUndefined);
  EXPECT_EQ(PercentText(0.1234), "12.3 %");
  EXPECT_EQ(InstantText(1661137860), "2022-08-22 03:11:00 UTC");
  EXPECT_EQ(InstantText(120), "120 s");
  EXPECT_EQ(IntervalText({0.5, 1}, 2), " [0.50, 1.00]");
  EXPECT_EQ(IntervalText({}, 2), "");
  EXPECT_EQ(SomeText({"a", "b", "c"}, 2), "a, b and 1 more");
}

TEST(Page, EscapesWhatMeansSomethingInHtml) {
  EXPECT_EQ(EscapeHtml("<a href=\"x\">'&'\n"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39; ");
}

}  // namespace
}  // namespace grayling

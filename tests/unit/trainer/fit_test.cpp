#include "ml/trainer/fit.h"

#include <gmock/gmock.h>

#include <atomic>
#include <random>

#include "ml/core/detector.h"
#include "ml/trainer/math_threads.h"
#include "tests/unit/trainer/synthetic_recording.h"

namespace grayling {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

FitSettings Quick() {
  UseOneMathThread();
  FitSettings settings;
  settings.networks[0].hidden = 16;
  settings.networks[0].epochs = 10;
  settings.members = 1;
  settings.selection.count = 16;
  return settings;
}

Dataset Recording(double strength) {
  SyntheticSettings settings;
  settings.strength = strength;
  return SyntheticRecording(settings);
}

Evaluation HeldOut(const Model& model, const Dataset& dataset) {
  auto detector = Detector::Create(model);
  EXPECT_TRUE(detector.ok()) << detector.status();
  const grayling::Run& run = dataset.runs.back();
  ScoredRun scored{&run, {}, {}};
  for (const Verdict& verdict :
       ScoreRun(**detector, run, InputPositions(**detector, dataset.columns))) {
    scored.scores.push_back(verdict.score);
    scored.alarms.push_back(verdict.alarm);
  }
  return Evaluate(absl::MakeConstSpan(&scored, 1), {2, 4});
}

TEST(Fit, FindsTheFaultsOfAGroupItNeverSaw) {
  const Dataset dataset = Recording(5);
  FitSettings settings = Quick();
  settings.networks[0].epochs = 20;
  const auto report = FitModel(dataset, settings, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->folds, 2);
  EXPECT_THAT(report->table, SizeIs(19));
  EXPECT_THAT(report->model.services, SizeIs(4));
  const Evaluation evaluation = HeldOut(report->model, dataset);
  EXPECT_GE(evaluation.event_recall, 0.9);
  EXPECT_LE(evaluation.false_alarms, 1);
  EXPECT_GT(evaluation.precision, 0.8);
}

TEST(Fit, NeverLooksAtTheTestRuns) {
  Dataset dataset = Recording(4);
  const auto before = FitModel(dataset, Quick(), nullptr);
  dataset.runs.back().values.setConstant(1e9F);
  dataset.runs.back().windows.clear();
  const auto after = FitModel(dataset, Quick(), nullptr);
  ASSERT_TRUE(before.ok() && after.ok());
  EXPECT_EQ(SerializeModel(before->model), SerializeModel(after->model));
}

TEST(Fit, HoldsStretchesOfTimeApartWhenThereIsOneGroupOnly) {
  Dataset dataset = Recording(4);
  dataset.runs[1].split = "test";
  const auto report = FitModel(dataset, Quick(), nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->folds, 5);
  EXPECT_THAT(report->notes, Contains(HasSubstr("stretches of time")));
}

TEST(Fit, IsAtChanceLevelWhenTheWindowsSayNothing) {
  Dataset dataset = Recording(5);
  std::mt19937_64 random(3);
  for (grayling::Run& run : dataset.runs) {
    std::uniform_real_distribution<double> start(run.time.front(), run.time.back() - 12);
    for (LabelWindow& window : run.windows) {
      window.start = start(random);
      window.end = window.start + 12;
    }
  }
  const auto report = FitModel(dataset, Quick(), nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  const Evaluation& e = report->point.evaluation;
  EXPECT_LT(e.pr_auc, e.prevalence + 0.12);
}

TEST(Fit, TakesTheSmallerNetworkWhenBothAreGood) {
  FitSettings settings = Quick();
  settings.networks.insert(settings.networks.begin(), settings.networks[0]);
  settings.networks[0].architecture = Architecture::kLogistic;
  const auto report = FitModel(Recording(8), settings, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_THAT(report->trials, SizeIs(2));
  EXPECT_GE(report->trials[0].pr_auc, report->trials[1].pr_auc - report->trials[1].standard_error);
  EXPECT_EQ(report->network, "logistic");
  EXPECT_EQ(report->model.network.architecture, Architecture::kLogistic);
}

TEST(Fit, PromisesFewMissesWithAConformalThreshold) {
  FitSettings settings = Quick();
  settings.conformal_miss_rate = 0.1;
  const auto report = FitModel(Recording(4), settings, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->point.alarm_votes, 1);
  EXPECT_GE(report->point.evaluation.event_recall, 0.9);
  settings.conformal_miss_rate = 0.01;  // needs 99 events
  EXPECT_EQ(FitModel(Recording(4), settings, nullptr).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(Fit, KeepsTheNetworkSoFarWhenItIsStopped) {
  std::atomic<bool> stop = false;
  FitSettings settings = Quick();
  settings.stop = &stop;
  const auto report = FitModel(Recording(5), settings, [&](int done, int, const std::string&) {
    if (done == 6) stop = true;
  });
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_GE(report->epochs, 1);
  EXPECT_LT(report->epochs, settings.networks[0].epochs);
  EXPECT_THAT(report->notes, Contains(HasSubstr("stopped early")));
  EXPECT_TRUE(Detector::Create(report->model).ok());
}

TEST(Fit, SaysThatThereIsNothingYetWhenStoppedAtOnce) {
  const std::atomic<bool> stop = true;
  FitSettings settings = Quick();
  settings.stop = &stop;
  EXPECT_EQ(FitModel(Recording(5), settings, nullptr).status().code(),
            absl::StatusCode::kCancelled);
}

TEST(Fit, ReportsItsProgressUpToTheTotal) {
  int last = 0, total = 0;
  FitSettings settings = Quick();
  settings.networks[0].epochs = 3;
  const auto report =
      FitModel(Recording(4), settings, [&](int done, int of, const std::string& text) {
        EXPECT_GT(done, last);
        EXPECT_THAT(text, HasSubstr("epoch"));
        last = done;
        total = of;
      });
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(last, total);
}

TEST(Fit, RemembersWhereTheModelComesFrom) {
  const auto report = FitModel(Recording(4), Quick(), nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  const Provenance& origin = report->model.provenance;
  EXPECT_EQ(origin.dataset, "synthetic");
  EXPECT_THAT(origin.groups, ::testing::ElementsAre("r1", "r2"));
  EXPECT_EQ(origin.events, 24);
  EXPECT_EQ(origin.architecture, "lstm 16");
  EXPECT_THAT(origin.metrics, SizeIs(4));
}

TEST(Fit, SaysWhatIsMissingWithoutTrainingRuns) {
  Dataset dataset = Recording(4);
  for (grayling::Run& run : dataset.runs) run.split = "test";
  const auto report = FitModel(dataset, Quick(), nullptr);
  EXPECT_EQ(report.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("split \"train\""));
}

TEST(Fit, SaysWhatIsMissingWithoutWindows) {
  Dataset dataset = Recording(4);
  for (grayling::Run& run : dataset.runs) run.windows.clear();
  EXPECT_THAT(std::string(FitModel(dataset, Quick(), nullptr).status().message()),
              HasSubstr("no fault window"));
}

}  // namespace
}  // namespace grayling

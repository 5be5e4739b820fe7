#include "ml/trainer/fit.h"

#include <gmock/gmock.h>

#include "ml/core/detector.h"
#include "ml/trainer/math_threads.h"
#include "tests/unit/trainer/synthetic_recording.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

FitSettings Quick() {
  UseOneMathThread();
  FitSettings settings;
  settings.network.hidden = 16;
  settings.network.epochs = 10;
  settings.repeats = 1;
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
  settings.network.epochs = 20;
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

TEST(Fit, HoldsHalvesApartWhenThereIsOneGroupOnly) {
  Dataset dataset = Recording(4);
  dataset.runs[1].split = "test";
  const auto report = FitModel(dataset, Quick(), nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->folds, 2);
}

TEST(Fit, ReportsEveryEpochUpToTheTotal) {
  Dataset dataset = Recording(4);
  int last = 0, total = 0;
  FitSettings settings = Quick();
  settings.network.epochs = 3;
  const auto report = FitModel(dataset, settings, [&](int done, int of, const std::string& text) {
    EXPECT_EQ(done, last + 1);
    EXPECT_THAT(text, HasSubstr("epoch"));
    last = done;
    total = of;
  });
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(last, total);
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

#include <gmock/gmock.h>

#include "ml/trainer/blame.h"
#include "ml/trainer/input_choice.h"
#include "ml/trainer/progress.h"
#include "ml/trainer/stream_labels.h"
#include "tests/unit/trainer/synthetic_recording.h"

namespace grayling {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

// Rows at 0, 1 ... n - 1.
grayling::Run Seconds(int n, std::vector<LabelWindow> windows) {
  grayling::Run run;
  run.id = "run";
  for (int i = 0; i < n; ++i) run.time.push_back(i);
  run.values = Matrix::Zero(n, 1);
  run.windows = std::move(windows);
  return run;
}

LabelWindow Window(double start, double end, const std::string& service) {
  LabelWindow window;
  window.start = start;
  window.end = end;
  window.label = "cpu";
  window.service = service;
  return window;
}

TEST(StreamLabels, ArePositiveInTheWindowsOfTheServiceFromStartUntilEnd) {
  const auto labels = LabelStream(Seconds(6, {Window(2, 4, "a")}), "a", {});
  EXPECT_THAT(labels.targets, ElementsAre(0, 0, 1, 1, 0, 0));
  EXPECT_THAT(labels.kind, ElementsAre("", "", "cpu", "cpu", "", ""));
}

TEST(StreamLabels, TrustTheOnsetLessAndTheRecoveryNotAtAll) {
  const auto labels = LabelStream(Seconds(9, {Window(1, 4, "a")}), "a", {});
  EXPECT_THAT(labels.weights, ElementsAre(1, 0.3F, 0.3F, 1, 0, 0, 0, 0, 1));
}

TEST(StreamLabels, AreDoubtfulNegativesInTheWindowsOfOtherServices) {
  const auto labels = LabelStream(Seconds(4, {Window(1, 3, "b")}), "a", {});
  EXPECT_THAT(labels.targets, Each(0));
  EXPECT_THAT(labels.weights, ElementsAre(1, 0.3F, 0.3F, 0));
}

TEST(StreamLabels, ArePositiveForEveryServiceWhenTheWindowNamesNone) {
  EXPECT_THAT(LabelStream(Seconds(3, {Window(1, 2, "")}), "a", {}).targets, ElementsAre(0, 1, 0));
}

TEST(StreamLabels, PreferAWindowToTheRecoveryOfTheOneBefore) {
  const auto labels = LabelStream(Seconds(7, {Window(3, 7, "a"), Window(0, 2, "a")}), "a", {});
  EXPECT_THAT(labels.targets, ElementsAre(1, 1, 0, 1, 1, 1, 1));
  EXPECT_THAT(labels.weights, ElementsAre(0.3F, 0.3F, 0, 0.3F, 0.3F, 1, 1));
}

TEST(HealthyRows, AreOutsideOfWindowsAndRecoveries) {
  EXPECT_THAT(HealthyRows(Seconds(6, {Window(1, 2, "a")}), 2),
              ElementsAre(true, false, false, false, true, true));
}

TEST(ChosenInputs, CoverEveryFaultKind) {
  SyntheticSettings settings;
  settings.groups = 2;
  settings.strength = 4;
  const Dataset dataset = SyntheticRecording(settings);
  const std::vector<const grayling::Run*> runs = {&dataset.runs[0], &dataset.runs[1]};
  const auto set = BuildTrainingSet(dataset.columns, runs, {});
  ASSERT_TRUE(set.ok()) << set.status();
  const std::vector<ChosenInput> inputs =
      ChooseInputs(*set, {8, 5, SelectionCriterion::kFRatioQuotient, 0.1});
  ASSERT_THAT(inputs, SizeIs(8));
  std::map<std::string, int> per_kind;
  bool cpu_by_its_own_metric = false;
  for (const ChosenInput& input : inputs) {
    ++per_kind[input.kind];
    cpu_by_its_own_metric =
        cpu_by_its_own_metric ||
        (input.kind == "cpu" && input.feature.find("(cpu_") != std::string::npos);
  }
  EXPECT_THAT(per_kind, SizeIs(4));
  EXPECT_TRUE(cpu_by_its_own_metric);
}

TEST(Blame, GoesToTheServiceWithTheLargestScoresDuringTheAlarm) {
  const grayling::Run run = Seconds(10, {Window(1, 4, "b"), Window(6, 8, "a")});
  const std::vector<std::string> services = {"a", "b"};
  BlameCount count(run, services, {2, 4});
  for (int t = 0; t < 10; ++t) {
    Verdict verdict;
    verdict.alarm = t == 2 || t == 3;  // the second event is missed
    const float scores[] = {t == 2 ? 0.6F : 0.1F, 0.5F};
    count.Add(t, verdict, scores);
  }
  EXPECT_EQ(count.Result().events, 2);
  EXPECT_EQ(count.Result().right, 1);
}

TEST(RemainingTime, FollowsTheMeanSpeed) {
  EXPECT_EQ(RemainingTime(10, 40, absl::Seconds(5)), absl::Seconds(15));
  EXPECT_EQ(RemainingTime(0, 40, absl::Seconds(5)), absl::InfiniteDuration());
}

}  // namespace
}  // namespace grayling

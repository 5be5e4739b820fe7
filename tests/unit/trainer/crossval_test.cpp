#include "ml/trainer/crossval.h"

#include <gmock/gmock.h>

#include <csignal>

#include "ml/trainer/crossval_message.h"
#include "ml/trainer/crossval_processes.h"
#include "tests/unit/trainer/synthetic_recording.h"

namespace grayling {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(Processes, ReturnTheResultsInOrderWhateverTheOrderOfTheirEnd) {
  const auto results = RunInProcesses(
      5, 2,
      [](int task, const TaskProgress&) -> absl::StatusOr<std::string> {
        return std::string(static_cast<size_t>(200000 * (5 - task)), static_cast<char>('a' + task));
      },
      nullptr);
  ASSERT_TRUE(results.ok()) << results.status();
  for (size_t task = 0; task < 5; ++task) {
    EXPECT_EQ((*results)[task], std::string(200000 * (5 - task), static_cast<char>('a' + task)));
  }
}

TEST(Processes, HandOnTheFirstError) {
  const auto results = RunInProcesses(
      3, 3,
      [](int task, const TaskProgress&) -> absl::StatusOr<std::string> {
        if (task == 1) return absl::InvalidArgumentError("no metric differs");
        return std::string("fine");
      },
      nullptr);
  EXPECT_EQ(results.status(), absl::InvalidArgumentError("no metric differs"));
}

TEST(Processes, SayWhenAWorkerWasKilled) {
  const auto results = RunInProcesses(
      1, 1,
      [](int, const TaskProgress&) -> absl::StatusOr<std::string> {
        raise(SIGKILL);
        return std::string();
      },
      nullptr);
  EXPECT_EQ(results.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(results.status().message()), HasSubstr("signal 9"));
}

TEST(Processes, ReportTheProgressOfAllTasksTogether) {
  std::vector<int> done;
  const auto results = RunInProcesses(
      2, 1,
      [](int, const TaskProgress& progress) -> absl::StatusOr<std::string> {
        progress(1, 2, "half");
        return std::string();
      },
      [&](int part, int whole, const std::string&) {
        EXPECT_EQ(whole, 2000);
        done.push_back(part);
      });
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_EQ(done.back(), 2000);
}

TEST(FoldMessages, SurviveTheWayBetweenProcesses) {
  FoldMessage sent;
  sent.summary = {"g1", "lstm 32", 25, 24, 0.4, 2, 3, true, "a note"};
  sent.scores = {0.5F, 0.25F};
  sent.alarms = {true, false};
  const std::string bytes = PackFold(sent);
  const auto got = UnpackFold(bytes);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->summary.held_out, "g1");
  EXPECT_EQ(got->summary.note, "a note");
  EXPECT_EQ(got->summary.alarm_rows, 3);
  EXPECT_THAT(got->scores, ElementsAre(0.5F, 0.25F));
  EXPECT_THAT(got->alarms, ElementsAre(true, false));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(UnpackFold(absl::string_view(bytes).substr(0, size)).ok()) << size;
  }
}

CrossvalSettings Quick() {
  CrossvalSettings settings;
  NetworkSettings network;
  network.architecture = Architecture::kLogistic;
  network.epochs = 12;
  settings.fit.networks = {network};
  settings.fit.members = 1;
  settings.fit.selection.count = 12;
  settings.processes = 2;
  return settings;
}

Dataset Recording(double strength) {
  SyntheticSettings settings;
  settings.strength = strength;
  return SyntheticRecording(settings);
}

TEST(Crossval, FindsFaultsInGroupsThatItsModelsNeverSaw) {
  const Dataset dataset = Recording(6);
  const auto result = Crossvalidate(dataset, Quick(), nullptr);
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_THAT(result->runs, SizeIs(dataset.runs.size()));
  EXPECT_THAT(result->folds, SizeIs(3));
  const Evaluation e = Evaluate(result->runs, {2, 4});
  EXPECT_EQ(e.events, 36);
  EXPECT_GT(e.pr_auc, 0.8);
  std::vector<grayling::Run> storage;
  EXPECT_EQ(Evaluate(RowsOfFold(*result, 1, storage), {2, 4}).events, 12);
}

TEST(Crossval, FindsKindsThatItsModelsNeverSaw) {
  const Dataset dataset = Recording(6);
  CrossvalSettings settings = Quick();
  settings.by = HoldOut::kKind;
  const auto result = Crossvalidate(dataset, settings, nullptr);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->plan.names, SizeIs(4));
  const Evaluation e = Evaluate(result->runs, {2, 4});
  EXPECT_GT(e.pr_auc, e.prevalence + 0.1);
}

// What a fold learned may depend on nothing in the rows that it is judged by.
TEST(Crossval, FitsNothingOnTheRowsOfTheFold) {
  Dataset dataset = Recording(5);
  CrossvalSettings settings = Quick();
  settings.fit.networks[0].epochs = 4;
  const auto before = Crossvalidate(dataset, settings, nullptr);
  dataset.runs[0].values.setConstant(12345);
  const auto after = Crossvalidate(dataset, settings, nullptr);
  ASSERT_TRUE(before.ok() && after.ok());
  ASSERT_EQ(before->folds[0].held_out, dataset.runs[0].group);
  EXPECT_EQ(before->folds[0].threshold, after->folds[0].threshold);
  EXPECT_EQ(before->folds[0].inputs, after->folds[0].inputs);
  EXPECT_NE(before->folds[1].threshold, after->folds[1].threshold);
}

TEST(Crossval, ScoresZeroAndSaysWhyWhereAFoldCannotBeFitted) {
  Dataset dataset = Recording(5);
  // Two groups have windows, and those of the second begin after its last row.
  dataset.runs.resize(2);
  for (LabelWindow& window : dataset.runs[1].windows) {
    window.start += 1e6;
    window.end += 1e6;
  }
  const auto result = Crossvalidate(dataset, Quick(), nullptr);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->folds[0].network, "");
  EXPECT_THAT(result->folds[0].note, HasSubstr("nothing to learn"));
  EXPECT_THAT(result->runs[0].scores, Each(0));
}

}  // namespace
}  // namespace grayling

#include "ml/core/dataset_split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace grayling {
namespace {

using ::testing::HasSubstr;

Run MakeRun(const std::string& id, const std::string& group, const std::string& split, double from,
            double to) {
  grayling::Run run;
  run.id = id;
  run.group = group;
  run.split = split;
  for (double time = from; time < to; ++time) run.time.push_back(time);
  run.values = Matrix::Zero(static_cast<Eigen::Index>(run.time.size()), 1);
  for (size_t i = 0; i < run.time.size(); ++i) {
    run.values(static_cast<Eigen::Index>(i), 0) = static_cast<float>(run.time[i]);
  }
  return run;
}

LabelWindow Window(double start, double end, const std::string& group) {
  LabelWindow window;
  window.start = start;
  window.end = end;
  window.label = "cpu.stress";
  window.group = group;
  return window;
}

TEST(DatasetSplit, FollowsTheMarksAndLeavesUnmarkedRunsOut) {
  Dataset dataset;
  dataset.runs = {MakeRun("a", "1", "train", 0, 5), MakeRun("b", "2", "", 0, 5),
                  MakeRun("c", "3", "test", 0, 5)};
  const auto split = SplitAsMarked(dataset);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->train, std::vector<size_t>{0});
  EXPECT_EQ(split->test, std::vector<size_t>{2});
}

TEST(DatasetSplit, AGroupOnBothSidesIsRefused) {
  Dataset dataset;
  dataset.runs = {MakeRun("a", "1", "train", 0, 5), MakeRun("b", "1", "test", 3, 8)};
  EXPECT_THAT(std::string(SplitAsMarked(dataset).status().message()), HasSubstr("one side"));
}

TEST(DatasetSplit, AnEntitysEarlierHalfMayTrainForItsLaterHalf) {
  Dataset dataset;
  dataset.runs = {MakeRun("a", "1", "train", 0, 5), MakeRun("b", "1", "test", 5, 8)};
  EXPECT_TRUE(SplitAsMarked(dataset).ok());
}

TEST(DatasetSplit, ASideWithoutRunsIsRefused) {
  Dataset dataset;
  dataset.runs = {MakeRun("a", "1", "train", 0, 5)};
  EXPECT_EQ(SplitAsMarked(dataset).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(DatasetSplit, LeavingAGroupOutKeepsAllItsRunsTogether) {
  Dataset dataset;
  dataset.runs = {MakeRun("a", "1", "", 0, 5), MakeRun("b", "2", "", 0, 5),
                  MakeRun("c", "1", "", 0, 5), MakeRun("d", "", "", 0, 5)};
  EXPECT_EQ(GroupsOf(dataset), (std::vector<std::string>{"1", "2", "d"}));
  const auto split = LeaveOut(dataset, "1");
  ASSERT_TRUE(split.ok());
  EXPECT_EQ(split->test, (std::vector<size_t>{0, 2}));
  EXPECT_EQ(split->train, (std::vector<size_t>{1, 3}));
  EXPECT_EQ(LeaveOut(dataset, "9").status().code(), absl::StatusCode::kNotFound);
  dataset.runs.resize(1);
  EXPECT_EQ(LeaveOut(dataset, "1").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(CutByWindowGroups, EachPieceRunsFromItsLeadToTheNextOnesBegin) {
  grayling::Run run = MakeRun("night", "", "", 0, 100);
  run.windows = {Window(60, 70, "r2"), Window(20, 30, "r1"), Window(40, 45, "r1")};
  const auto pieces = CutByWindowGroups(run, 5, 0);
  ASSERT_TRUE(pieces.ok()) << pieces.status();
  ASSERT_EQ(pieces->size(), 2u);
  const grayling::Run& first = (*pieces)[0];
  EXPECT_EQ(first.id, "night-r1");
  EXPECT_EQ(first.group, "r1");
  EXPECT_EQ(first.time.front(), 15);
  EXPECT_EQ(first.time.back(), 54);
  EXPECT_EQ(first.values(0, 0), 15);
  EXPECT_EQ(first.windows.size(), 2u);
  const grayling::Run& second = (*pieces)[1];
  EXPECT_EQ(second.time.front(), 55);
  EXPECT_EQ(second.time.back(), 99);
  EXPECT_EQ(second.windows.size(), 1u);
}

TEST(CutByWindowGroups, ALeadNeverReachesIntoTheGroupBefore) {
  grayling::Run run = MakeRun("night", "", "", 0, 100);
  run.windows = {Window(20, 50, "r1"), Window(55, 60, "r2")};
  const auto pieces = CutByWindowGroups(run, 10, 0);
  ASSERT_TRUE(pieces.ok()) << pieces.status();
  EXPECT_EQ((*pieces)[0].time.back(), 49);
  EXPECT_EQ((*pieces)[1].time.front(), 50);
}

TEST(CutByWindowGroups, TheRecoveryAfterAWindowStaysWithItsGroup) {
  grayling::Run run = MakeRun("night", "", "", 0, 100);
  run.windows = {Window(20, 50, "r1"), Window(61, 65, "r2")};
  const auto pieces = CutByWindowGroups(run, 20, 4);
  ASSERT_TRUE(pieces.ok()) << pieces.status();
  EXPECT_EQ((*pieces)[0].time.back(), 53);
  EXPECT_EQ((*pieces)[1].time.front(), 54);
}

TEST(CutByWindowGroups, ARunWithoutGroupsComesBackWhole) {
  grayling::Run run = MakeRun("night", "g", "", 0, 100);
  run.windows = {Window(20, 50, ""), Window(55, 60, "")};
  const auto pieces = CutByWindowGroups(run, 10, 0);
  ASSERT_TRUE(pieces.ok()) << pieces.status();
  ASSERT_EQ(pieces->size(), 1u);
  EXPECT_EQ((*pieces)[0].id, "night");
  EXPECT_EQ((*pieces)[0].time.size(), 100u);
}

TEST(CutByWindowGroups, GroupsThatInterleaveAreRefused) {
  grayling::Run run = MakeRun("night", "", "", 0, 100);
  run.windows = {Window(10, 20, "r1"), Window(30, 40, "r2"), Window(50, 60, "r1")};
  EXPECT_THAT(std::string(CutByWindowGroups(run, 1, 0).status().message()),
              HasSubstr("interleave"));
}

}  // namespace
}  // namespace grayling

#include "ml/core/run_stability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "noisy_series.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

Dataset Repetitions(const std::vector<float>& levels) {
  Dataset dataset;
  dataset.columns = {"steady", "moving"};
  for (size_t i = 0; i < levels.size(); ++i) {
    dataset.runs.push_back(RunOf(absl::StrCat("r", i),
                                 {std::vector<float>(50, 10), std::vector<float>(50, levels[i])}));
  }
  return dataset;
}

TEST(RunStability, ARepetitionFarFromTheOthersMakesTheSeriesUnstable) {
  const auto results = StabilityOfRuns(Repetitions({100, 102, 98, 140}), {}, kUnstableRange);
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_EQ(results->size(), 2u);
  const RunStability& moving = (*results)[0];
  EXPECT_EQ(moving.column, "moving");
  EXPECT_EQ(moving.repetitions, 4);
  EXPECT_DOUBLE_EQ(moving.relative_range, 42.0 / 110.0);
  EXPECT_TRUE(moving.unstable);
  EXPECT_EQ(moving.farthest, "r3");
  EXPECT_FALSE((*results)[1].unstable);
  EXPECT_EQ((*results)[1].relative_range, 0);
}

TEST(RunStability, ARangeOfExactlyTheThresholdIsUnstable) {
  const auto results = StabilityOfRuns(Repetitions({85, 100, 115}), {}, 0.3);
  ASSERT_TRUE(results.ok());
  EXPECT_TRUE((*results)[0].unstable);
}

TEST(RunStability, RowsUnderAFaultDoNotCount) {
  Dataset dataset = Repetitions({100, 100, 100});
  for (grayling::Run& run : dataset.runs) run.windows = {FaultWindow(10, 20)};
  dataset.runs[1].values.block(10, 0, 14, 2).setConstant(9000);
  const auto results = StabilityOfRuns(dataset, {}, kUnstableRange);
  ASSERT_TRUE(results.ok());
  EXPECT_EQ((*results)[0].relative_range, 0);
}

TEST(RunStability, RunsWithOtherFaultsAreNoRepetitions) {
  Dataset dataset = Repetitions({100, 200, 300, 101, 102});
  dataset.runs[1].windows = {FaultWindow(10, 20, "net.delay")};
  dataset.runs[2].windows = {FaultWindow(10, 20, "net.delay")};
  const auto results = StabilityOfRuns(dataset, {}, kUnstableRange);
  ASSERT_TRUE(results.ok());
  for (const RunStability& result : *results) {
    EXPECT_EQ(result.condition, "no faults");
    EXPECT_EQ(result.repetitions, 3);
  }
}

TEST(RunStability, TheWindowGroupsOfOneRunAreItsRepetitions) {
  std::vector<float> values(150, 10);
  for (size_t row = 100; row < values.size(); ++row) values[row] = 20;
  Dataset dataset;
  dataset.columns = {"x"};
  dataset.runs = {RunOf("night", {values})};
  for (const double start : {20.0, 70.0, 120.0}) {
    dataset.runs[0].windows.push_back(FaultWindow(start, start + 5));
    dataset.runs[0].windows.back().group = absl::StrCat("g", static_cast<int>(start));
  }
  const auto results = StabilityOfRuns(dataset, {}, kUnstableRange);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ((*results)[0].repetitions, 3);
  EXPECT_EQ((*results)[0].farthest, "night-g120");
}

TEST(RunStability, TwoRepetitionsSayNothing) {
  EXPECT_EQ(StabilityOfRuns(Repetitions({100, 200}), {}, 0.3).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(RunStability, AnUnknownColumnIsRefusedByName) {
  EXPECT_THAT(
      std::string(StabilityOfRuns(Repetitions({1, 2, 3}), {"nothing"}, 0.3).status().message()),
      HasSubstr("\"nothing\""));
}

}  // namespace
}  // namespace grayling

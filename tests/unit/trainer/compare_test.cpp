#include "ml/trainer/compare.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/unit/trainer/synthetic_recording.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// One row a second, a fault in [40, 60).
Run OneEvent() {
  Run run;
  run.id = "a";
  for (int r = 0; r < 100; ++r) run.time.push_back(r);
  run.windows.emplace_back();
  run.windows[0].start = 40;
  run.windows[0].end = 60;
  return run;
}

ScoredRun Scores(const Run& run, double at_fault, double elsewhere) {
  ScoredRun scored;
  scored.run = &run;
  for (const double time : run.time) {
    scored.scores.push_back(static_cast<float>(time >= 45 && time < 60 ? at_fault : elsewhere));
  }
  scored.alarms.assign(run.time.size(), false);
  return scored;
}

TEST(RecallAtBudget, FindsTheEventWhereAThresholdTellsItApart) {
  const auto run = OneEvent();
  const BudgetPoint point = RecallAtBudget({Scores(run, 2, -3)}, {2, 4}, 1);
  EXPECT_EQ(point.event_recall, 1);
  EXPECT_EQ(point.false_alarms_per_hour, 0);
  EXPECT_EQ(point.median_delay_s, 5);
  EXPECT_EQ(point.threshold, 2);
}

TEST(RecallAtBudget, DoesNotTakeAnAlarmThatNeverEndsForOneFalseAlarm) {
  const auto run = OneEvent();
  const BudgetPoint point = RecallAtBudget({Scores(run, 1, 1)}, {2, 4}, 1000);
  EXPECT_EQ(point.event_recall, 0);
  EXPECT_TRUE(std::isnan(point.median_delay_s));
}

TEST(RecallAtBudget, KeepsTheBudget) {
  const auto run = OneEvent();
  ScoredRun scored = Scores(run, 2, 0);
  for (const size_t r : {10U, 20U, 80U}) scored.scores[r] = 3;
  EXPECT_EQ(RecallAtBudget({scored}, {2, 4}, 60).event_recall, 0);  // 3 in 76 s are 142 an hour
  EXPECT_EQ(RecallAtBudget({scored}, {2, 4}, 200).event_recall, 1);
}

TEST(Spread, IsTheMeanAndTheSampleDeviation) {
  const std::vector<double> values = {1, 3};
  EXPECT_EQ(SpreadOf(values).mean, 2);
  EXPECT_DOUBLE_EQ(SpreadOf(values).deviation, std::sqrt(2));
  EXPECT_EQ(SpreadOf({values.data(), 1}).deviation, 0);
}

TEST(Comparison, HasOneLinePerDetectorAndAlwaysAlarmBelow) {
  CompareRow row;
  row.name = "lstm 32";
  row.parameters = 7000;
  row.pr_auc = {0.5, 0.7};
  row.median_delay_s = 3;
  EXPECT_THAT(FormatComparison({&row, 1}), HasSubstr("lstm 32             |       7000 |"));
  EXPECT_THAT(FormatComparison({&row, 1}), HasSubstr("0.600 +- 0.141"));
}

class CompareDetectorsTest : public ::testing::Test {
 protected:
  CompareDetectorsTest() {
    settings_.fit = DefaultFit(1);
    settings_.fit.selection.count = 8;
    settings_.network.epochs = 6;
    settings_.seeds = 1;
  }

  static const CompareRow& Named(const CompareResult& result, const std::string& name) {
    for (const CompareRow& row : result.rows) {
      if (row.name == name) return row;
    }
    ADD_FAILURE() << "no row " << name;
    return result.rows.front();
  }

  Dataset data_ = SyntheticRecording({.seed = 3, .groups = 3});
  CompareSettings settings_;
};

TEST_F(CompareDetectorsTest, JudgesEveryDetectorOnGroupsThatItDidNotSee) {
  const auto result = CompareDetectors(data_, settings_, nullptr);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->folds, 2);  // the third group is the test split
  ASSERT_EQ(result->rows.size(), 10U);
  const CompareRow& always = Named(*result, "always alarm");
  EXPECT_EQ(always.event_recall, 1);
  EXPECT_EQ(always.false_row_share, 1);
  const CompareRow& lstm = Named(*result, "lstm 32");
  EXPECT_GT(lstm.pr_auc[0], 1.5 * always.pr_auc[0]);
  const int64_t inputs = Named(*result, "logistic").parameters - 1;
  EXPECT_EQ(lstm.parameters, 4 * 32 * (inputs + 32 + 1) + 33);
  EXPECT_GT(lstm.epoch_s, 0);
  EXPECT_GT(lstm.row_us, 0);
  EXPECT_LE(lstm.false_alarms_per_hour, result->budget);
  EXPECT_GT(Named(*result, "pca reconstruction").row_us, 0);
}

TEST_F(CompareDetectorsTest, GivesTheSameNumbersHoweverManyThreadsItUses) {
  settings_.network.epochs = 1;
  settings_.threads = 1;
  const auto one = CompareDetectors(data_, settings_, nullptr);
  settings_.threads = 2;
  const auto two = CompareDetectors(data_, settings_, nullptr);
  ASSERT_TRUE(one.ok() && two.ok());
  for (size_t i = 0; i < one->rows.size(); ++i) {
    EXPECT_EQ(one->rows[i].pr_auc, two->rows[i].pr_auc) << one->rows[i].name;
    EXPECT_EQ(one->rows[i].event_recall, two->rows[i].event_recall) << one->rows[i].name;
  }
}

TEST_F(CompareDetectorsTest, LeavesADetectorOpenWhereTheHeldOutRunsLackItsColumns) {
  settings_.network.epochs = 1;
  // Another entity's columns, of the same metrics, in the first group.
  Dataset renamed = data_;
  const auto columns = static_cast<Eigen::Index>(data_.columns.size());
  for (const std::string& column : data_.columns) {
    if (column.find('/') != std::string::npos) renamed.columns.push_back("other-" + column);
  }
  const auto all = static_cast<Eigen::Index>(renamed.columns.size());
  for (auto& run : renamed.runs) {
    Matrix values = Matrix::Constant(run.values.rows(), all, std::nanf(""));
    Eigen::Index other = columns;
    for (Eigen::Index c = 0; c < columns; ++c) {
      const bool owned = data_.columns[static_cast<size_t>(c)].find('/') != std::string::npos;
      if (!owned) continue;
      values.col(run.group == data_.runs[0].group ? other : c) = run.values.col(c);
      ++other;
    }
    run.values = std::move(values);
  }
  const auto result = CompareDetectors(renamed, settings_, nullptr);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(std::isnan(Named(*result, "pca reconstruction").pr_auc[0]));
  EXPECT_TRUE(std::isnan(Named(*result, "pca reconstruction").event_recall));
  EXPECT_FALSE(std::isnan(Named(*result, "lstm 32").pr_auc[0]));
  EXPECT_GT(result->events, 0);
  EXPECT_THAT(FormatComparison(result->rows), Not(HasSubstr("nan")));
}

TEST_F(CompareDetectorsTest, RefusesDataWithoutFaults) {
  for (auto& run : data_.runs) run.windows.clear();
  EXPECT_EQ(CompareDetectors(data_, settings_, nullptr).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace grayling

#include "ml/core/dataset_report.h"

#include <gmock/gmock.h>

#include <limits>

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Two runs of three rows; the columns of both by name and content.
Dataset TwoRuns() {
  Dataset dataset;
  dataset.period_s = 1;
  dataset.columns = {"moves", "still", "absent", "copy", "half", "zero"};
  for (const char* id : {"one", "two"}) {
    grayling::Run run;
    run.id = id;
    run.time = {10, 11, 12};
    run.values.resize(3, 6);
    run.values << 1, 7, kNan, 1, kNan, 0,  //
        2, 7, kNan, 2, kNan, -0.0F,        //
        kNan, kNan, kNan, kNan, kNan, 0;
    dataset.runs.push_back(std::move(run));
  }
  dataset.runs[1].values.col(4) << 1, 2, 3;
  return dataset;
}

TEST(DatasetReport, NamesColumnsThatSayNothing) {
  const DatasetReport report = ReportOn(TwoRuns());
  EXPECT_THAT(report.constant_columns, ElementsAre("still", "zero"));
  EXPECT_THAT(report.empty_columns, ElementsAre("absent"));
  EXPECT_THAT(report.duplicate_columns, ElementsAre(ElementsAre("moves", "copy")));
  EXPECT_THAT(report.partial_columns, ElementsAre(Pair("half", 1)));
  EXPECT_THAT(report.warnings, IsEmpty());
}

TEST(DatasetReport, OneDifferentCellMakesNoDuplicate) {
  Dataset dataset = TwoRuns();
  dataset.runs[1].values(2, 3) = 5;
  EXPECT_THAT(ReportOn(dataset).duplicate_columns, IsEmpty());
}

TEST(DatasetReport, AColumnIsConstantOnlyOverAllRuns) {
  Dataset dataset = TwoRuns();
  dataset.runs[1].values.col(1).setConstant(8);
  EXPECT_THAT(ReportOn(dataset).constant_columns, ElementsAre("zero"));
}

TEST(DatasetReport, CountsRowsWindowsGapsAndWhatIsMissing) {
  Dataset dataset = TwoRuns();
  grayling::Run& run = dataset.runs[0];
  run.time = {10, 11, 15};
  run.windows = {{11, 15, "cpu", "", "", {}, {}}, {16, 20, "disk", "", "", {}, {}}};
  const RunReport report = ReportOn(dataset).runs[0];
  EXPECT_EQ(report.rows, 3u);
  EXPECT_EQ(report.windows, 2u);
  EXPECT_EQ(report.windows_outside, 1u);  // the last row lasts until 16
  EXPECT_EQ(report.fault_rows, 1u);
  EXPECT_EQ(report.gaps, 1u);
  EXPECT_EQ(report.longest_gap_s, 4);
  // Of moves, still, copy and zero, three lack one cell of three.
  EXPECT_DOUBLE_EQ(report.missing_share, 0.25);
}

TEST(DatasetReport, WarnsOfAPeriodThatIsNotTheRows) {
  Dataset dataset = TwoRuns();
  dataset.period_s = 60;
  EXPECT_THAT(ReportOn(dataset).warnings,
              ElementsAre(HasSubstr("rows come every 1 s, but period_s says 60")));
}

TEST(DatasetReport, WarnsOfWindowsBesideTheRows) {
  Dataset dataset = TwoRuns();
  dataset.runs[1].windows = {{1e9, 2e9, "cpu", "", "", {}, {}}};
  EXPECT_THAT(ReportOn(dataset).warnings, ElementsAre(HasSubstr("1 of 1 windows of the run two")));
}

TEST(DatasetReport, OfNothingIsEmpty) {
  EXPECT_THAT(ReportOn(Dataset()).runs, IsEmpty());
  Dataset dataset;
  dataset.runs.emplace_back().id = "bare";
  EXPECT_THAT(ReportOn(dataset).warnings, ElementsAre("the run bare has no rows"));
}

}  // namespace
}  // namespace grayling

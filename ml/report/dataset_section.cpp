#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ml/report/numbers.h"
#include "ml/report/sections.h"

namespace grayling {
namespace {

constexpr size_t kRunsUnfolded = 30;

HtmlTable RunTable(const DatasetReport& report) {
  HtmlTable table({"Run", "Group", "Split", "Entity", "First row", "Length", "Rows", "Faults",
                   "Faulty rows", "Missing cells", "Gaps", "Longest gap"},
                  5);
  for (const RunReport& run : report.runs) {
    const double share =
        run.rows > 0 ? static_cast<double>(run.fault_rows) / static_cast<double>(run.rows) : 0;
    table.Add({run.id, run.group.empty() ? kUndefined : run.group,
               run.split.empty() ? kUndefined : run.split,
               run.entity.empty() ? kUndefined : run.entity,
               run.rows > 0 ? InstantText(run.start) : kUndefined,
               DurationText(run.end - run.start), absl::StrCat(run.rows), absl::StrCat(run.windows),
               PercentText(share), PercentText(run.missing_share), absl::StrCat(run.gaps),
               run.gaps > 0 ? DurationText(run.longest_gap_s) : kUndefined});
  }
  return table;
}

std::vector<std::string> ColumnRemarks(const DatasetReport& report, size_t most) {
  std::vector<std::string> remarks;
  if (!report.constant_columns.empty()) {
    remarks.push_back(absl::StrCat(CountText(report.constant_columns.size(), "column"),
                                   " never move: ", SomeText(report.constant_columns, most)));
  }
  if (!report.empty_columns.empty()) {
    remarks.push_back(absl::StrCat(CountText(report.empty_columns.size(), "column"),
                                   " without any value: ", SomeText(report.empty_columns, most)));
  }
  if (!report.duplicate_columns.empty()) {
    std::vector<std::string> sets;
    for (const auto& names : report.duplicate_columns) sets.push_back(absl::StrJoin(names, " = "));
    remarks.push_back(
        absl::StrCat(CountText(sets.size(), "set"),
                     " of columns that are equal in every row: ", SomeText(sets, most)));
  }
  if (!report.partial_columns.empty()) {
    std::vector<std::string> names;
    for (const auto& [name, runs] : report.partial_columns) {
      names.push_back(absl::StrCat(name, " (", CountText(runs, "run"), ")"));
    }
    remarks.push_back(absl::StrCat(CountText(names.size(), "column"),
                                   " missing throughout some runs: ", SomeText(names, most)));
  }
  if (remarks.empty()) remarks.push_back("No column is constant, empty or the copy of another.");
  return remarks;
}

}  // namespace

void AddDataset(const Dataset& dataset, const DatasetReport& report, int top, HtmlPage& page) {
  page.Section("The data");
  page.Paragraph(absl::StrCat(dataset.name, ": ", CountText(report.runs.size(), "run"), ", ",
                              CountText(dataset.columns.size(), "column"), ", a row every ",
                              DurationText(dataset.period_s), "."));
  if (!dataset.description.empty()) page.Paragraph(dataset.description);
  if (!dataset.source.empty() || !dataset.licence.empty()) {
    page.Paragraph(
        absl::StrCat("Source: ", dataset.source.empty() ? "not named" : dataset.source,
                     ". Licence: ", dataset.licence.empty() ? "not named" : dataset.licence, "."));
  }
  for (const std::string& warning : report.warnings) page.Warning(warning);
  page.Items(ColumnRemarks(report, static_cast<size_t>(top)));
  page.BeginFold(absl::StrCat("Runs (", report.runs.size(), ")"),
                 report.runs.size() <= kRunsUnfolded);
  page.Table(RunTable(report));
  page.EndFold();
}

}  // namespace grayling

#include "ml/core/dataset_report.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace grayling {
namespace {

// A step of this many periods is a gap.
constexpr double kGapPeriods = 1.5;

struct ColumnFacts {
  uint64_t hash = 0;
  std::optional<float> first;
  bool constant = true;
  size_t runs_with_values = 0;
};

uint32_t Bits(float value) {
  if (std::isnan(value)) return 0x7fc00000;  // all kinds of missing are one
  if (value == 0) return 0;                  // and so are the two zeros
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

// The finalizer of splitmix64 (Steele et al., OOPSLA 2014).
uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Takes a run's values in; returns how many cells are missing of the columns that it has.
double ScanRun(const Run& run, std::vector<ColumnFacts>& columns) {
  std::vector<size_t> present(columns.size(), 0);
  for (Eigen::Index r = 0; r < run.values.rows(); ++r) {
    const float* const row = run.values.data() + r * run.values.cols();
    for (size_t c = 0; c < columns.size(); ++c) {
      ColumnFacts& facts = columns[c];
      facts.hash = Mix(facts.hash + Bits(row[c]) + 0x9e3779b97f4a7c15);
      if (std::isnan(row[c])) continue;
      ++present[c];
      if (!facts.first) facts.first = row[c];
      facts.constant = facts.constant && row[c] == *facts.first;
    }
  }
  size_t there = 0;
  size_t cells = 0;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (present[c] == 0) continue;
    ++columns[c].runs_with_values;
    there += present[c];
    cells += run.time.size();
  }
  return cells == 0 ? 0 : 1 - static_cast<double>(there) / static_cast<double>(cells);
}

size_t FaultRows(const Run& run) {
  std::vector<bool> faulty(run.time.size(), false);
  for (const LabelWindow& window : run.windows) {
    const auto begin = std::lower_bound(run.time.begin(), run.time.end(), window.start);
    const auto end = std::lower_bound(begin, run.time.end(), window.end);
    std::fill(faulty.begin() + (begin - run.time.begin()),
              faulty.begin() + (end - run.time.begin()), true);
  }
  return static_cast<size_t>(std::count(faulty.begin(), faulty.end(), true));
}

RunReport AboutRun(const Run& run, double period_s) {
  RunReport report{.id = run.id, .group = run.group, .split = run.split, .entity = run.entity};
  report.rows = run.time.size();
  report.windows = run.windows.size();
  report.windows_outside = WindowsOutside(run, period_s);
  if (run.time.empty()) return report;
  report.start = run.time.front();
  report.end = run.time.back();
  report.fault_rows = FaultRows(run);
  for (size_t r = 1; r < run.time.size(); ++r) {
    const double step = run.time[r] - run.time[r - 1];
    if (step <= kGapPeriods * period_s) continue;
    ++report.gaps;
    report.longest_gap_s = std::max(report.longest_gap_s, step);
  }
  return report;
}

bool Equal(const Dataset& dataset, size_t a, size_t b) {
  for (const Run& run : dataset.runs) {
    for (Eigen::Index r = 0; r < run.values.rows(); ++r) {
      if (Bits(run.values(r, static_cast<Eigen::Index>(a))) !=
          Bits(run.values(r, static_cast<Eigen::Index>(b)))) {
        return false;
      }
    }
  }
  return true;
}

std::vector<std::vector<std::string>> Duplicates(const Dataset& dataset,
                                                 const std::vector<ColumnFacts>& facts) {
  std::map<uint64_t, std::vector<size_t>> same_hash;
  for (size_t c = 0; c < facts.size(); ++c) {
    if (!facts[c].constant) same_hash[facts[c].hash].push_back(c);
  }
  std::map<size_t, std::vector<std::string>> by_first;
  for (const auto& [hash, columns] : same_hash) {
    for (size_t i = 1; i < columns.size(); ++i) {
      if (!Equal(dataset, columns[0], columns[i])) continue;
      std::vector<std::string>& names = by_first[columns[0]];
      if (names.empty()) names.push_back(dataset.columns[columns[0]]);
      names.push_back(dataset.columns[columns[i]]);
    }
  }
  std::vector<std::vector<std::string>> groups;
  for (auto& [first, names] : by_first) groups.push_back(std::move(names));
  return groups;
}

// The step between rows that half of the steps do not exceed; 0 when no run has two rows.
double MedianStep(const Dataset& dataset) {
  std::vector<double> steps;
  for (const Run& run : dataset.runs) {
    for (size_t r = 1; r < run.time.size(); ++r) steps.push_back(run.time[r] - run.time[r - 1]);
  }
  if (steps.empty()) return 0;
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return *middle;
}

std::vector<std::string> Warnings(const Dataset& dataset, const DatasetReport& report) {
  std::vector<std::string> warnings;
  const double step = MedianStep(dataset);
  if (step > kGapPeriods * dataset.period_s ||
      (step > 0 && step * kGapPeriods < dataset.period_s)) {
    warnings.push_back(
        absl::StrFormat("rows come every %g s, but period_s says %g; correct it in dataset.json",
                        step, dataset.period_s));
  }
  for (const RunReport& run : report.runs) {
    if (run.rows == 0) warnings.push_back(absl::StrCat("the run ", run.id, " has no rows"));
    if (run.windows_outside > 0 && run.rows > 0) {
      warnings.push_back(absl::StrCat(run.windows_outside, " of ", run.windows,
                                      " windows of the run ", run.id,
                                      " lie outside of its rows and say nothing"));
    }
  }
  return warnings;
}

}  // namespace

DatasetReport ReportOn(const Dataset& dataset) {
  DatasetReport report;
  std::vector<ColumnFacts> facts(dataset.columns.size());
  for (const Run& run : dataset.runs) {
    RunReport about = AboutRun(run, dataset.period_s);
    about.missing_share = ScanRun(run, facts);
    report.runs.push_back(std::move(about));
  }
  for (size_t c = 0; c < facts.size(); ++c) {
    const std::string& name = dataset.columns[c];
    if (!facts[c].first) {
      report.empty_columns.push_back(name);
      continue;
    }
    if (facts[c].constant) report.constant_columns.push_back(name);
    const size_t absent = dataset.runs.size() - facts[c].runs_with_values;
    if (absent > 0) report.partial_columns.emplace_back(name, absent);
  }
  report.duplicate_columns = Duplicates(dataset, facts);
  report.warnings = Warnings(dataset, report);
  return report;
}

}  // namespace grayling

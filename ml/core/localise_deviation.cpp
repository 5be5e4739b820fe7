#include "ml/core/localise_deviation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "ml/core/call_graph.h"
#include "ml/core/statistics.h"

namespace grayling {
namespace {

constexpr double kScatterQuantile = 0.85;
constexpr double kLevelShare = 0.25;
constexpr double kElsewhereShare = 0.05;
constexpr size_t kFirstStretch = 4;

struct Column {
  double median = 0;
  double scatter = 0;
  double largest = 0;          // |x| over all rows looked at
  std::vector<double> levels;  // medians during, one per stretch that has values
};

// Sorted copies keep the cost at n log n for a column, which is microseconds.
double Median(std::vector<float>& values) {
  std::sort(values.begin(), values.end());
  return SortedQuantile(absl::Span<const float>(values), 0.5);
}

bool Measure(const Run& run, const LocaliseRows& rows, Eigen::Index c, std::vector<float>& scratch,
             Column& column) {
  scratch.clear();
  for (const size_t r : rows.reference) {
    const float value = run.values(static_cast<Eigen::Index>(r), c);
    if (!std::isnan(value)) scratch.push_back(value);
  }
  if (scratch.empty()) return false;
  column.median = Median(scratch);
  column.largest = std::max(std::abs(double{scratch.front()}), std::abs(double{scratch.back()}));
  for (float& value : scratch) value = static_cast<float>(std::abs(double{value} - column.median));
  std::sort(scratch.begin(), scratch.end());
  column.scatter = SortedQuantile(absl::Span<const float>(scratch), kScatterQuantile);

  const size_t count = rows.end - rows.begin;
  for (size_t stretch = kFirstStretch;; stretch *= 2) {
    const size_t length = std::min(stretch, count);
    scratch.clear();
    for (size_t r = rows.begin; r < rows.begin + length; ++r) {
      const float value = run.values(static_cast<Eigen::Index>(r), c);
      if (!std::isnan(value)) scratch.push_back(value);
    }
    if (!scratch.empty()) {
      column.levels.push_back(Median(scratch));
      column.largest = std::max(
          {column.largest, std::abs(double{scratch.front()}), std::abs(double{scratch.back()})});
    }
    if (stretch >= count) break;
  }
  return !column.levels.empty();
}

// What a metric usually is, over all that have one of this name: services apart from calls.
std::string Peers(const std::string& column) {
  const size_t slash = column.find('/');
  const bool call = slash != std::string::npos && column.find('>') < slash;
  return absl::StrCat(call ? ">" : "", MetricOf(column));
}

double Elsewhere(const std::vector<const Column*>& peers) {
  std::vector<double> levels;
  double largest = 0;
  for (const Column* column : peers) {
    levels.push_back(std::abs(column->median));
    largest = std::max(largest, column->largest);
  }
  std::sort(levels.begin(), levels.end());
  const double level = SortedQuantile(absl::Span<const double>(levels), 0.5);
  return level > 0 ? level : largest;
}

Deviation Compare(const Column& column, double floor) {
  Deviation result{true, static_cast<float>(column.median), 0, 0, 0};
  double most = -1;
  for (const double level : column.levels) {
    const double moved = level - column.median;
    const double reference = moved >= 0 ? column.median : level;
    const double step = column.scatter + kLevelShare * std::abs(reference) + floor;
    const double steps = step > 0 ? std::log1p(std::abs(moved) / step) : 0;
    double& direction = moved >= 0 ? result.rise : result.drop;
    direction = std::max(direction, steps);
    if (steps > most) {
      most = steps;
      result.during = static_cast<float>(level);
    }
  }
  return result;
}

}  // namespace

std::vector<Deviation> Deviations(const Dataset& dataset, const Run& run,
                                  const LocaliseRows& rows) {
  std::vector<Deviation> deviations(dataset.columns.size());
  if (rows.reference.empty() || rows.begin == rows.end) return deviations;
  std::vector<Column> columns(dataset.columns.size());
  std::vector<bool> measured(dataset.columns.size());
  std::map<std::string, std::vector<const Column*>> peers;
  std::vector<float> scratch;
  for (size_t c = 0; c < columns.size(); ++c) {
    measured[c] = Measure(run, rows, static_cast<Eigen::Index>(c), scratch, columns[c]);
    if (measured[c]) peers[Peers(dataset.columns[c])].push_back(&columns[c]);
  }
  for (size_t c = 0; c < columns.size(); ++c) {
    if (!measured[c]) continue;
    const double floor = kElsewhereShare * Elsewhere(peers[Peers(dataset.columns[c])]);
    deviations[c] = Compare(columns[c], floor);
  }
  return deviations;
}

}  // namespace grayling

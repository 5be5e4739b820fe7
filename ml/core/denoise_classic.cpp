#include "ml/core/denoise_classic.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "ml/core/denoise.h"
#include "ml/core/row_kind.h"

namespace grayling {
namespace {

constexpr double kLeastRangeShare = 0.1;

struct Moments {
  double mean = 0;
  double deviation = 0;  // population
};

Moments MomentsOf(absl::Span<const float> values) {
  const auto count = static_cast<double>(values.size());
  Moments moments;
  moments.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (const float value : values) {
    squares += (value - moments.mean) * (value - moments.mean);
  }
  moments.deviation = std::sqrt(squares / count);
  return moments;
}

double Correlation(absl::Span<const float> a, absl::Span<const float> b) {
  const Moments of_a = MomentsOf(a);
  const Moments of_b = MomentsOf(b);
  double product = 0;
  for (size_t i = 0; i < a.size(); ++i) product += (a[i] - of_a.mean) * (b[i] - of_b.mean);
  return product / static_cast<double>(a.size()) / (of_a.deviation * of_b.deviation);
}

ClassicStatistics Compare(absl::Span<const float> before, absl::Span<const float> after,
                          const std::vector<bool>& marked) {
  ClassicStatistics statistics;
  statistics.rows = static_cast<int64_t>(before.size());
  statistics.outlier_percent = 100.0 *
                               static_cast<double>(std::count(marked.begin(), marked.end(), true)) /
                               static_cast<double>(before.size());
  const double deviation = MomentsOf(before).deviation;
  statistics.noise_reduction_percent = 100 * (deviation - MomentsOf(after).deviation) / deviation;
  statistics.correlation = Correlation(before, after);
  statistics.effectiveness = 0.4 * std::min(statistics.noise_reduction_percent / 50, 1.0) +
                             0.4 * statistics.correlation +
                             0.2 * std::min(statistics.outlier_percent / 20, 1.0);
  return statistics;
}

ClassicReport CleanSeries(Run& run, Eigen::Index column, const std::string& name,
                          const std::vector<RowKind>& kinds, Matrix& marks) {
  std::vector<Eigen::Index> rows;
  std::vector<float> before;
  for (Eigen::Index row = 0; row < run.values.rows(); ++row) {
    if (!std::isfinite(run.values(row, column))) continue;
    rows.push_back(row);
    before.push_back(run.values(row, column));
  }
  ClassicReport report{name, run.id, {}, {}};
  if (rows.empty()) return report;
  report.parameters = ClassicParametersFor(name, before);
  const std::vector<bool> marked = ClassicOutliers(before, report.parameters);
  std::vector<float> after = before;
  for (size_t i = 0; i < rows.size(); ++i) {
    const int64_t one = marked[i] ? 1 : 0;
    if (marked[i]) after[i] = static_cast<float>(kClassicPenalty * before[i]);
    run.values(rows[i], column) = after[i];
    marks(rows[i], column) = static_cast<float>(one);
    const RowKind kind = kinds[static_cast<size_t>(rows[i])];
    if (kind == RowKind::kFault) {
      ++report.rows_inside;
      report.marked_inside += one;
    } else if (kind == RowKind::kFaultFree) {
      ++report.rows_outside;
      report.marked_outside += one;
    }
  }
  report.statistics = Compare(before, after, marked);
  return report;
}

}  // namespace

ClassicParameters ClassicParametersFor(absl::string_view column, absl::Span<const float> values) {
  std::vector<float> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const double range = sorted.empty() ? 0 : static_cast<double>(sorted.back()) - sorted.front();
  const bool whole = std::all_of(sorted.begin(), sorted.end(),
                                 [](float value) { return value == std::trunc(value); });
  const double zeros = static_cast<double>(std::count(sorted.begin(), sorted.end(), 0.0F)) /
                       std::max<double>(1, static_cast<double>(sorted.size()));
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  const size_t unique = sorted.size();

  const std::string name = absl::AsciiStrToLower(column);
  ClassicParameters parameters;
  if (absl::StrContains(name, "retrans")) {
    parameters.window = 5;
    parameters.threshold = 0.65;
  }
  if (absl::StrContains(name, "tcp") || absl::StrContains(name, "retrans")) {
    parameters.discrete = (unique <= 10 && range <= 50) || zeros > 0.6 || (unique <= 20 && whole);
  } else if (absl::StrContains(name, "cpu") || absl::StrContains(name, "mem")) {
    parameters.discrete = unique <= 5 && zeros > 0.8;
  } else {
    parameters.discrete = unique <= 10 && zeros > 0.5;
  }
  return parameters;
}

std::vector<bool> ClassicOutliers(absl::Span<const float> values,
                                  const ClassicParameters& parameters) {
  std::vector<bool> marked(values.size(), false);
  const auto width = static_cast<size_t>(parameters.window);
  if (values.size() < width) return marked;
  const double least_range = kLeastRangeShare * MomentsOf(values).deviation;
  for (size_t first = 0; first + width <= values.size(); ++first) {
    const auto part = values.subspan(first, width);
    const auto [low, high] = std::minmax_element(part.begin(), part.end());
    const double range = static_cast<double>(*high) - *low;
    const double mean = std::accumulate(part.begin(), part.end(), 0.0) / static_cast<double>(width);
    if (mean > 0 && range / mean > parameters.threshold && range > least_range) {
      for (size_t i = first; i < first + width; ++i) marked[i] = true;
    }
  }
  return marked;
}

std::vector<ClassicReport> DenoiseClassic(Dataset& dataset, bool mask) {
  std::vector<ClassicReport> reports;
  std::vector<Matrix> marks;
  for (Run& run : dataset.runs) {
    const std::vector<RowKind> kinds = KindsOfRows(run, kRecoveryRows * dataset.period_s);
    marks.push_back(Matrix::Constant(run.values.rows(), run.values.cols(),
                                     std::numeric_limits<float>::quiet_NaN()));
    for (Eigen::Index column = 0; column < run.values.cols(); ++column) {
      ClassicReport report = CleanSeries(run, column, dataset.columns[static_cast<size_t>(column)],
                                         kinds, marks.back());
      if (report.statistics.rows > 0) reports.push_back(std::move(report));
    }
  }
  if (mask) AddMaskColumns(dataset, marks);
  return reports;
}

}  // namespace grayling

#include <algorithm>
#include <cmath>
#include <limits>

#include "ml/core/baselines.h"
#include "ml/core/row_kind.h"
#include "ml/core/statistics.h"

namespace grayling {
namespace {

constexpr double kRare = 0.001;

// Fault-free rows of one run.
struct HealthyRows {
  const Run* run;
  std::vector<Eigen::Index> rows;
};

std::vector<HealthyRows> HealthyRowsOf(absl::Span<const Run* const> training, double recovery_s) {
  std::vector<HealthyRows> healthy;
  for (const Run* run : training) {
    const std::vector<RowKind> kinds = KindsOfRows(*run, recovery_s);
    HealthyRows& rows = healthy.emplace_back();
    rows.run = run;
    for (size_t i = 0; i < kinds.size(); ++i) {
      if (kinds[i] == RowKind::kFaultFree) rows.rows.push_back(static_cast<Eigen::Index>(i));
    }
  }
  return healthy;
}

UsualColumn FitColumn(std::vector<float>& values) {
  UsualColumn usual;
  if (values.empty()) return usual;
  std::sort(values.begin(), values.end());
  const double median = SortedQuantile(values, 0.5);
  const double low = SortedQuantile(values, kRare), high = SortedQuantile(values, 1 - kRare);
  double scale = std::max(MedianAbsoluteDeviation(values), (high - low) / 10);
  if (!(scale > 0)) scale = median != 0 ? 0.05 * std::abs(median) : 1;
  usual.is_known = true;
  usual.limit = static_cast<float>(high);
  usual.median = static_cast<float>(median);
  usual.scale = std::max(static_cast<float>(scale), std::numeric_limits<float>::min());
  return usual;
}

float LargestZ(const Run& run, Eigen::Index row, const std::vector<UsualColumn>& columns) {
  float largest = 0;
  for (size_t c = 0; c < columns.size(); ++c) {
    const float value = run.values(row, static_cast<Eigen::Index>(c));
    if (!columns[c].is_known || std::isnan(value)) continue;
    largest = std::max(largest, std::abs(value - columns[c].median) / columns[c].scale);
  }
  return largest;
}

}  // namespace

absl::StatusOr<UsualColumns> FitUsualColumns(absl::Span<const Run* const> training,
                                             double recovery_s) {
  const std::vector<HealthyRows> healthy = HealthyRowsOf(training, recovery_s);
  const Eigen::Index columns = training.empty() ? 0 : training[0]->values.cols();
  UsualColumns usual;
  bool any_known = false;
  std::vector<float> values;
  for (Eigen::Index c = 0; c < columns; ++c) {
    values.clear();
    for (const HealthyRows& part : healthy) {
      for (const Eigen::Index row : part.rows) {
        const float value = part.run->values(row, c);
        if (!std::isnan(value)) values.push_back(value);
      }
    }
    usual.columns.push_back(FitColumn(values));
    any_known = any_known || usual.columns.back().is_known;
  }
  if (!any_known) {
    return absl::InvalidArgumentError(
        "no fault-free training row has a value, so no simple rule can be fitted");
  }
  values.clear();
  for (const HealthyRows& part : healthy) {
    for (const Eigen::Index row : part.rows) {
      values.push_back(LargestZ(*part.run, row, usual.columns));
    }
  }
  std::sort(values.begin(), values.end());
  usual.largest_z_limit = SortedQuantile(values, 1 - kRare);
  return usual;
}

ScoredRun ScoreByLimits(const Run& run, const UsualColumns& usual) {
  ScoredRun scored{&run, {}, {}};
  for (Eigen::Index row = 0; row < run.values.rows(); ++row) {
    int known = 0, beyond = 0;
    for (size_t c = 0; c < usual.columns.size(); ++c) {
      const float value = run.values(row, static_cast<Eigen::Index>(c));
      if (!usual.columns[c].is_known || std::isnan(value)) continue;
      ++known;
      beyond += value > usual.columns[c].limit ? 1 : 0;
    }
    scored.scores.push_back(known > 0 ? static_cast<float>(beyond) / static_cast<float>(known)
                                      : 0.0F);
    scored.alarms.push_back(beyond > 0);
  }
  return scored;
}

ScoredRun ScoreByLargestZ(const Run& run, const UsualColumns& usual) {
  ScoredRun scored{&run, {}, {}};
  for (Eigen::Index row = 0; row < run.values.rows(); ++row) {
    scored.scores.push_back(LargestZ(run, row, usual.columns));
    scored.alarms.push_back(static_cast<double>(scored.scores.back()) > usual.largest_z_limit);
  }
  return scored;
}

}  // namespace grayling

#include "ml/core/baselines.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ml/core/row_kind.h"

namespace grayling {

ScoredRun AlwaysAlarm(const Run& run) {
  return {&run, std::vector<float>(run.time.size(), 1.0f),
          std::vector<bool>(run.time.size(), true)};
}

absl::StatusOr<size_t> ClientLatencyColumn(absl::Span<const std::string> columns) {
  const auto own =
      std::find(columns.begin(), columns.end(), "client_latency_seconds{quantile=0.99}");
  if (own != columns.end()) return static_cast<size_t>(own - columns.begin());
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!absl::StrContains(columns[i], '/') && absl::StrContains(columns[i], "latency") &&
        absl::StrContains(columns[i], "p99")) {
      return i;
    }
  }
  return absl::NotFoundError(
      "no column tells what the clients wait; record client_latency_seconds{quantile=0.99}");
}

absl::StatusOr<LatencyRule> FitLatencyRule(absl::Span<const Run* const> training, size_t column,
                                           double recovery_s) {
  std::vector<float> values;
  for (const Run* run : training) {
    const std::vector<RowKind> kinds = KindsOfRows(*run, recovery_s);
    for (size_t i = 0; i < kinds.size(); ++i) {
      const float value =
          run->values(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(column));
      if (kinds[i] == RowKind::kFaultFree && !std::isnan(value)) values.push_back(value);
    }
  }
  if (values.empty()) {
    return absl::InvalidArgumentError(
        "no fault-free training row tells what the clients wait; choose other training runs");
  }
  // The smallest value that at least 99 % of the rows do not exceed.
  const size_t rank = static_cast<size_t>(std::ceil(0.99 * static_cast<double>(values.size()))) - 1;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank),
                   values.end());
  return LatencyRule{column, values[rank]};
}

ScoredRun ScoreByLatency(const Run& run, const LatencyRule& rule) {
  ScoredRun scored{&run, {}, {}};
  for (Eigen::Index row = 0; row < run.values.rows(); ++row) {
    const double value = run.values(row, static_cast<Eigen::Index>(rule.column));
    const bool known = !std::isnan(value);
    const double sum = value + rule.threshold;
    scored.scores.push_back(known && sum > 0 ? static_cast<float>(value / sum) : 0.0f);
    scored.alarms.push_back(known && value > rule.threshold);
  }
  return scored;
}

}  // namespace grayling

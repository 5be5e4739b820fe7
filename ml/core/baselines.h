#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/core/evaluation.h"

namespace grayling {

// The rules that a trained detector must beat. They score runs as it does, so that one Evaluate
// judges all.

// Score 1 and an alarm in every row: full recall for nothing.
ScoredRun AlwaysAlarm(const Run& run);

// "The clients are slower than they nearly ever are without a fault."
struct LatencyRule {
  size_t column = 0;     // index into Dataset::columns
  double threshold = 0;  // the column's 99th percentile over fault-free training rows, in its unit
};

// The column that tells what clients wait: client_latency_seconds{quantile=0.99} of our own load
// generator, else the first whole-system column whose name has "latency" and "p99". NOT_FOUND.
absl::StatusOr<size_t> ClientLatencyColumn(absl::Span<const std::string> columns);

// Fits the rule on `training` runs; rows within `recovery_s` after a fault are left out.
// INVALID_ARGUMENT when no fault-free row has a value.
absl::StatusOr<LatencyRule> FitLatencyRule(absl::Span<const Run* const> training, size_t column,
                                           double recovery_s);

// Alarm where the value is over the threshold; score value / (value + threshold), 0.5 at the
// threshold. A missing value scores 0.
ScoredRun ScoreByLatency(const Run& run, const LatencyRule& rule);

// What each column usually is, over the fault-free rows of training runs.
struct UsualColumn {
  bool is_known = false;  // it had a value
  float limit = 0;        // its 99.9th percentile
  float median = 0;
  float scale = 1;  // 1.4826 MAD, at least a tenth of the distance between its 0.1th and 99.9th
                    // percentile; of a constant column 5 % of |median|, else 1. Positive
};
struct UsualColumns {
  std::vector<UsualColumn> columns;
  double largest_z_limit = 0;  // 99.9th percentile of LargestZ over the same rows
};
// INVALID_ARGUMENT when no fault-free row has a value.
absl::StatusOr<UsualColumns> FitUsualColumns(absl::Span<const Run* const> training,
                                             double recovery_s);

// "Some column is larger than it nearly ever is": score = share of the known columns beyond their
// limit, alarm where there is one.
ScoredRun ScoreByLimits(const Run& run, const UsualColumns& usual);

// "Some column is unusually far from its median": score = largest |value - median| / scale over the
// known columns (0 without a value), alarm beyond the limit.
ScoredRun ScoreByLargestZ(const Run& run, const UsualColumns& usual);

}  // namespace grayling

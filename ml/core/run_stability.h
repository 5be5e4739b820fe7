#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/core/dataset.h"

namespace grayling {

// TUNA's own use of the relative range (EuroSys 2025): is one condition, repeated, the same?
// Repetitions are runs of one entity whose windows carry the same labels; a run with window groups
// is cut into one repetition per group. A repetition's value of a column is its median over
// fault-free rows, so that an injected fault is not taken for instability.
struct RunStability {
  std::string condition;  // "entity, labels"
  std::string column;
  int repetitions = 0;
  double relative_range = 0;  // (max - min) / |mean| over the repetitions; infinite when mean = 0
  bool unstable = false;      // relative_range >= threshold
  // The repetition farthest from the median of all: the first to discard.
  std::string farthest;
  double farthest_value = 0;
  double median = 0;
};

// TUNA's "magic number found from longitudinal study".
inline constexpr double kUnstableRange = 0.3;
inline constexpr int kLeastRepetitions = 3;

// One entry per condition with at least three repetitions and column with a value in three of them,
// largest range first. `columns` are names of the dataset's, empty: all. INVALID_ARGUMENT for an
// unknown name; FAILED_PRECONDITION when nothing was repeated three times.
absl::StatusOr<std::vector<RunStability>> StabilityOfRuns(const Dataset& dataset,
                                                          absl::Span<const std::string> columns,
                                                          double threshold);

}  // namespace grayling

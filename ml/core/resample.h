#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ml/core/dataset.h"

namespace grayling {

// What one cell of the grid makes of a column's values in its interval.
enum class AlignRule {
  kLast,      // the last one
  kMean,      // their mean
  kRate,      // of a counter: its rise since the last value before, per second
  kIncrease,  // of a counter: its rise since the last value before
};

// "last", "mean", "rate", "increase"; INVALID_ARGUMENT names the choices.
absl::StatusOr<AlignRule> ParseAlignRule(absl::string_view name);

// The same data set with rows at whole multiples of `period_s`, causally: the row at t is made of
// the rows in (t - period_s, t]. A column without a value there is missing, never filled; an
// interval without any row stays out, so gaps stay gaps. A counter that fell was reset: missing
// once, like its first value. Values are floats: a counter beyond 2^24 moves in steps. Windows are
// kept as they are.
// INVALID_ARGUMENT when the grid would be finer than the data set's own period.
absl::StatusOr<Dataset> AlignDataset(const Dataset& dataset, double period_s, AlignRule rule);

}  // namespace grayling

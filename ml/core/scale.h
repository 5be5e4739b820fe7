#pragma once

#include <limits>
#include <vector>

#include "absl/types/span.h"
#include "ml/core/model.h"

namespace grayling {

// Largest magnitude of a standardised value.
inline constexpr float kScaledLimit = 8;

// The median of a column whose location is not known before its first values are seen
// (feature_warm_up.h).
inline constexpr float kUnknownLocation = std::numeric_limits<float>::lowest();

// Robust location and scale of one column. `healthy` are its values in fault-free training rows,
// `all` those of every training row; missing values (NaN) are left out of both.
//  * median and 1.4826 * MAD of `healthy`;
//  * the scale is at least a fifth of the 99th percentile of |x - median|, so that heavy tails and
//    counters that are mostly zero (MAD 0) keep their usual values within five scales;
//  * and at least 5 % of |median|, for values that hardly move.
// A column that never moves in `healthy` takes a quarter of its largest deviation in `all`, else 5
// % of |median|, else 1: the smallest thing that ever happened to it must not look like infinity.
// The scale is always positive and finite. No values at all: {0, 1}.
ColumnScale FitScale(absl::Span<const float> healthy, absl::Span<const float> all);

// kScaledLimit * tanh(z / kScaledLimit).
float Squash(float z);

// Squash(z) with z = (value - median) / scale: linear near zero, never beyond +-kScaledLimit. NaN
// (missing) stays NaN; infinities are squashed like large numbers.
float Standardize(float value, const ColumnScale& scale);

}  // namespace grayling

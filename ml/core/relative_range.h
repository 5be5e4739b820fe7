#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/types/span.h"

namespace grayling {

// TUNA's measure of instability (EuroSys 2025): (high - low) / |mean|, the mean's magnitude at
// least `epsilon`. `mean` is of the same values, in their unit; the result has none.
inline double RelativeRange(double low, double high, double mean, double epsilon) {
  return (high - low) / std::max(std::abs(mean), epsilon);
}

// The same over every full trailing window of `values` (finite): values.size() - window + 1 of
// them, none when there are fewer values than `window`, which must be positive.
std::vector<float> TrailingRelativeRanges(absl::Span<const float> values, int window,
                                          double epsilon);

}  // namespace grayling

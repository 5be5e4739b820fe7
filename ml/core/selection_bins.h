#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace grayling {

// Bin of each value, 0-based and below `bins`; kMissingBin for NaN. Equal values share a bin. A
// single value that fills more than a bin's share (the zeros of a sparse counter) gets a bin of its
// own.
inline constexpr uint8_t kMissingBin = 255;
std::vector<uint8_t> QuantileBins(absl::Span<const float> values, int bins);

// Mutual information in nats of two codes below 64, over the rows where neither is missing.
double MutualInformation(absl::Span<const uint8_t> a, absl::Span<const uint8_t> b);

// Rising order of the values that are not NaN.
std::vector<float> SortedValues(absl::Span<const float> values);

}  // namespace grayling

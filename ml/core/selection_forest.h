#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace grayling {

// Importance of each column: the share of the Gini impurity that shallow random trees (depth 5,
// bootstrap of at most 4096 rows, the square root of the columns tried per node) remove by
// splitting on it; sums to 1 unless nothing splits. `codes`: per column, QuantileBins of every row
// (a missing value is a bin of its own). The relevance of RFCQ (Zhao, Anand, Wang, 2019) on binned
// values. Deterministic by seed, whatever the number of threads.
std::vector<double> ForestImportance(absl::Span<const std::vector<uint8_t>> codes,
                                     absl::Span<const int> labels, uint64_t seed, int threads);

}  // namespace grayling

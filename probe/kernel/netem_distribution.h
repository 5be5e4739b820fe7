#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace grayling::probe {

// How netem spreads the jitter: 4096 equally likely deviations, in 1/8192 of the jitter. Computed
// as iproute2's own files are: normal by netem/normal.c, pareto by netem/pareto.c (exponent 3).
// "uniform" has none: netem does that itself, but only up to kLargestOwnJitterNs, as its random
// numbers have 32 bits; "wide uniform" is the table for what is larger. Unknown names: empty.
std::vector<std::int16_t> DistributionTable(std::string_view name);

// 2 * jitter must fit in 32 bits (sch_netem.c, tabledist).
inline constexpr std::int64_t kLargestOwnJitterNs = 2'147'000'000;

// The largest deviation of a table, as a multiple of the jitter; 1 for an empty one.
double LargestDeviation(const std::vector<std::int16_t>& table);

}  // namespace grayling::probe

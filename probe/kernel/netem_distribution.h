#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace grayling::probe {

// How netem spreads the jitter: 4096 equally likely deviations, in 1/8192 of the jitter. Computed
// as iproute2's own files are: normal by netem/normal.c, pareto by netem/pareto.c (exponent 3).
// "uniform" has none, netem does that itself; so does any other name.
std::vector<std::int16_t> DistributionTable(std::string_view name);

// The largest deviation of a table, as a multiple of the jitter; 1 for an empty one.
double LargestDeviation(const std::vector<std::int16_t>& table);

}  // namespace grayling::probe

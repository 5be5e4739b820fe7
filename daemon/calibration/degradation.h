#pragma once

#include <cstdint>
#include <vector>

namespace grayling {

// How much clients lose, in percent of the good answers a second that they had before: Lu et al.,
// "One-Size-Fits-None" (NSDI 2025): (normal - slow) / normal of the throughput. Negative when they
// got more.
struct Degradation {
  double percent = 0;
  double low = 0;  // 90 % interval: percentile bootstrap over seconds, 1000 resamples
  double high = 0;
};

// Of `slow` against `normal`, good answers per second. Both need at least one second and `normal`
// a mean above 0; else everything is 100. Equal seeds give equal intervals on every machine.
Degradation DegradationOf(const std::vector<double>& normal, const std::vector<double>& slow,
                          uint64_t seed);

}  // namespace grayling

#pragma once

#include <cstdint>
#include <vector>

namespace grayling::probe {

// netem compares a threshold with random numbers that it correlates by x = (1-r) u + r x_before
// (sch_netem.c, get_crandom). Those gather around one half, so that a threshold of 5 % with a
// correlation of 50 % is hardly ever reached: loss is asked for, read back, and does not happen.
// This finds the threshold that is reached in the share asked for.
class NetemCorrelation {
 public:
  // `correlation`: r, 0 up to 0.99. Takes some milliseconds for high ones.
  explicit NetemCorrelation(double correlation);

  // The kernel's threshold (of 2^32 - 1) at which a share of `percent` packets is hit. 0 and 100
  // are exact.
  std::uint32_t ThresholdFor(double percent) const;

 private:
  // The distribution function of x in its stationary state, at equal steps from 0 to 1; empty
  // without a correlation.
  std::vector<double> below_;
};

}  // namespace grayling::probe

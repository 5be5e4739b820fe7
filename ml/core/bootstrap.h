#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include <Eigen/Dense>

#include "absl/types/span.h"

namespace grayling {

// A 95 % interval; NaN where nothing is known.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

// Draws of the bootstrap (Efron 1979): `resamples` rows x `units` columns; a cell says how often
// the unit was drawn, and each row sums to `units`. Deterministic by seed.
Eigen::MatrixXf ResampleCounts(int units, int resamples, uint64_t seed);

// The 2.5th and 97.5th percentile of a statistic's values over the resamples; NaN among them are
// left out.
Interval PercentileInterval(std::vector<double> values);

// Exact-style bounds where the bootstrap knows no spread. Rule of three (Hanley and Lippman-Hand,
// JAMA 1983): no case among n bounds a share by 3 / n and a rate over h hours by 3 / h.
double RuleOfThree(double trials);

}  // namespace grayling

#include "ml/core/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "ml/core/statistics.h"

namespace grayling {

Eigen::MatrixXf ResampleCounts(int units, int resamples, uint64_t seed) {
  Eigen::MatrixXf counts = Eigen::MatrixXf::Zero(resamples, units);
  if (units == 0) return counts;
  std::mt19937_64 random(seed);
  for (int row = 0; row < resamples; ++row) {
    for (int draw = 0; draw < units; ++draw) {
      // The bias of the remainder is below units / 2^64.
      counts(row, static_cast<Eigen::Index>(random() % static_cast<uint64_t>(units))) += 1;
    }
  }
  return counts;
}

Interval PercentileInterval(std::vector<double> values) {
  values.erase(std::remove_if(values.begin(), values.end(), [](double v) { return std::isnan(v); }),
               values.end());
  std::sort(values.begin(), values.end());
  return {SortedQuantile(values, 0.025), SortedQuantile(values, 0.975)};
}

double RuleOfThree(double trials) { return 3 / trials; }

}  // namespace grayling

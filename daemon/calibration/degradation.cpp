#include "daemon/calibration/degradation.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace grayling {
namespace {

constexpr int kResamples = 1000;

double MeanOf(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double ResampledMean(const std::vector<double>& values, std::mt19937_64& random) {
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) sum += values[random() % values.size()];
  return sum / static_cast<double>(values.size());
}

}  // namespace

Degradation DegradationOf(const std::vector<double>& normal, const std::vector<double>& slow,
                          uint64_t seed) {
  if (normal.empty() || slow.empty() || MeanOf(normal) <= 0) return {100, 100, 100};
  const double before = MeanOf(normal);
  Degradation degradation;
  degradation.percent = 100 * (before - MeanOf(slow)) / before;
  std::mt19937_64 random(seed);
  std::vector<double> resampled;
  for (int i = 0; i < kResamples; ++i) {
    const double base = ResampledMean(normal, random);
    if (base > 0) resampled.push_back(100 * (base - ResampledMean(slow, random)) / base);
  }
  std::sort(resampled.begin(), resampled.end());
  if (resampled.empty()) return {degradation.percent, 100, 100};
  degradation.low = resampled[resampled.size() / 20];
  degradation.high = resampled[resampled.size() - 1 - resampled.size() / 20];
  return degradation;
}

}  // namespace grayling

#include "probe/kernel/netem_correlation.h"

#include <algorithm>
#include <cmath>

#include "probe/kernel/netem.h"

namespace grayling::probe {
namespace {

constexpr std::size_t kSteps = 2048;
constexpr int kMostRounds = 20000;
constexpr double kSettled = 1e-9;

double NormalBelow(double x, double mean, double deviation) {
  return .5 + .5 * std::erf((x - mean) / (deviation * std::sqrt(2.0)));
}

// The integral from 0 to x of a function that is 0 below 0, 1 above 1, and linear between its
// values at the steps.
class Integral {
 public:
  explicit Integral(const std::vector<double>& values) : values_(values), sums_(values.size()) {
    for (std::size_t i = 1; i < values.size(); ++i) {
      sums_[i] = sums_[i - 1] + (values[i - 1] + values[i]) / (2 * kSteps);
    }
  }
  double UpTo(double x) const {
    if (x <= 0) return 0;
    if (x >= 1) return sums_.back() + (x - 1);
    const auto step = static_cast<std::size_t>(x * kSteps);
    const double beyond = x - static_cast<double>(step) / kSteps;
    const double slope = (values_[step + 1] - values_[step]) * kSteps;
    return sums_[step] + beyond * (values_[step] + slope * beyond / 2);
  }

 private:
  const std::vector<double>& values_;
  std::vector<double> sums_;
};

}  // namespace

NetemCorrelation::NetemCorrelation(double correlation) {
  const double r = std::clamp(correlation, 0.0, 0.99);
  if (r == 0) return;
  below_.resize(kSteps + 1);
  // Mean and deviation of the stationary state are known: a good first guess of its form.
  const double deviation = std::sqrt((1 - r) / (1 + r) / 12);
  for (std::size_t i = 0; i <= kSteps; ++i) {
    const double x = static_cast<double>(i) / kSteps;
    below_[i] = NormalBelow(x, .5, deviation);
  }
  double change = 1;
  for (int round = 0; round < kMostRounds && change > kSettled; ++round) {
    const Integral integral(below_);
    std::vector<double> next(kSteps + 1);
    change = 0;
    for (std::size_t i = 0; i <= kSteps; ++i) {
      const double x = static_cast<double>(i) / kSteps;
      next[i] = r / (1 - r) * (integral.UpTo(x / r) - integral.UpTo((x - (1 - r)) / r));
      change = std::max(change, std::abs(next[i] - below_[i]));
    }
    below_ = std::move(next);
  }
}

std::uint32_t NetemCorrelation::ThresholdFor(double percent) const {
  if (below_.empty() || percent <= 0 || percent >= 100) return NetemShare(percent);
  const double wanted = percent / 100;
  const auto above = std::lower_bound(below_.begin() + 1, below_.end() - 1, wanted);
  const double low = *(above - 1);
  const double part = *above > low ? (wanted - low) / (*above - low) : 0;
  const double x = (static_cast<double>(above - below_.begin() - 1) + part) / kSteps;
  return NetemShare(100 * x);
}

}  // namespace grayling::probe

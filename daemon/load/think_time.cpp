#include "daemon/load/think_time.h"

#include <algorithm>
#include <cmath>

namespace grayling {
namespace {

const double kReach = std::sqrt(3.0);  // of a uniform distribution, in standard deviations

ThinkTimeKind KindOf(const LoadSettings& settings) {
  const bool spread = settings.think_time_kind == ThinkTimeKind::kGaussian ||
                      settings.think_time_kind == ThinkTimeKind::kUniform;
  const bool constant = spread && settings.think_time_deviation == absl::ZeroDuration();
  return constant ? ThinkTimeKind::kConstant : settings.think_time_kind;
}

double MeanOfCutGaussian(double mean, double deviation) {
  const double z = mean / deviation;
  const double below = 0.5 * std::erfc(-z / std::sqrt(2.0));
  const double density = std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979323846);
  return mean * below + deviation * density;
}

double MeanOfCutUniform(double mean, double deviation) {
  const double low = mean - kReach * deviation;
  const double high = mean + kReach * deviation;
  if (low >= 0) return mean;
  return high * high / (2 * (high - low));
}

}  // namespace

ThinkTime::ThinkTime(const LoadSettings& settings)
    : kind_(KindOf(settings)),
      mean_(settings.think_time_mean),
      gaussian_ms_(absl::ToDoubleMilliseconds(settings.think_time_mean),
                   std::max(1e-9, absl::ToDoubleMilliseconds(settings.think_time_deviation))),
      uniform_ms_(absl::ToDoubleMilliseconds(settings.think_time_mean) -
                      kReach * absl::ToDoubleMilliseconds(settings.think_time_deviation),
                  absl::ToDoubleMilliseconds(settings.think_time_mean) +
                      kReach * absl::ToDoubleMilliseconds(settings.think_time_deviation)) {}

absl::Duration ThinkTime::Draw(std::mt19937_64& random) {
  switch (kind_) {
    case ThinkTimeKind::kGaussian:
      return absl::Milliseconds(std::max(0.0, gaussian_ms_(random)));
    case ThinkTimeKind::kUniform:
      return absl::Milliseconds(std::max(0.0, uniform_ms_(random)));
    case ThinkTimeKind::kExponential:
      return mean_ * unit_(random);
    case ThinkTimeKind::kConstant:
      return mean_;
  }
  return mean_;
}

absl::Duration MeanThinkTime(const LoadSettings& settings) {
  const double mean_s = absl::ToDoubleSeconds(settings.think_time_mean);
  const double deviation_s = absl::ToDoubleSeconds(settings.think_time_deviation);
  switch (KindOf(settings)) {
    case ThinkTimeKind::kGaussian:
      return absl::Seconds(MeanOfCutGaussian(mean_s, deviation_s));
    case ThinkTimeKind::kUniform:
      return absl::Seconds(MeanOfCutUniform(mean_s, deviation_s));
    case ThinkTimeKind::kExponential:
    case ThinkTimeKind::kConstant:
      return settings.think_time_mean;
  }
  return settings.think_time_mean;
}

}  // namespace grayling

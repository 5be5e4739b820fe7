#pragma once

#include <random>

#include "absl/time/time.h"
#include "daemon/load/load_generator.h"

namespace grayling {

// Draws think times by a settings' distribution. Not thread-safe.
class ThinkTime {
 public:
  explicit ThinkTime(const LoadSettings& settings);

  absl::Duration Draw(std::mt19937_64& random);

 private:
  const ThinkTimeKind kind_;
  const absl::Duration mean_;
  std::normal_distribution<double> gaussian_ms_;
  std::uniform_real_distribution<double> uniform_ms_;
  std::exponential_distribution<double> unit_;
};

// The mean of what Draw() gives: above settings.think_time_mean where the cut at 0 bites.
absl::Duration MeanThinkTime(const LoadSettings& settings);

}  // namespace grayling

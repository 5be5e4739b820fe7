#pragma once

#include <cstdint>

#include "ml/core/dataset.h"

namespace grayling {

struct SyntheticSettings {
  uint64_t seed = 1;
  int groups = 3;         // each holds every kind on every inner service once
  double strength = 3;    // typical shift of an affected metric, in its own standard deviations
  double missing = 0.01;  // share of empty cells
};

// A recording with the shape of the demo campaign: four services behind a gateway, one row a
// second, noise with memory, a common load that drifts, sparse counters, heavy tails, faults of
// four kinds that shift few metrics and reach the gateway weakly. One run per group, the last one
// in split "test".
Dataset SyntheticRecording(const SyntheticSettings& settings);

}  // namespace grayling

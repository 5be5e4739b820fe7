#pragma once

#include <cstdint>
#include <vector>

#include "ml/trainer/network.h"

namespace grayling {

// Four sequences whose target is whether the first of two inputs was above 0 three rows ago: a
// network needs memory for it.
std::vector<TrainingSequence> MemoryTask(uint32_t seed);

// Enough to learn it in a second, without disturbances.
NetworkSettings QuickSettings();

}  // namespace grayling

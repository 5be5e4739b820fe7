#pragma once

#include <string>

#include "absl/types/span.h"
#include "ml/trainer/network.h"

namespace grayling {

// Names data and settings (all but `epochs`) so that a checkpoint is not taken for another's.
// FNV-1a, 64 bits: against mistakes, not against intent.
std::string NetworkFingerprint(absl::Span<const TrainingSequence> sequences,
                               const NetworkSettings& settings);

}  // namespace grayling

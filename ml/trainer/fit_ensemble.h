#pragma once

#include "absl/types/span.h"
#include "ml/core/network_weights.h"

namespace grayling {

// One network whose logit is the mean of the members' logits, row by row: their hidden layers stand
// side by side, and no member reads another's. `members` have equal shapes and are at least one.
// (Averaging networks that differ only in their random start takes out much of their variance:
// Hansen and Salamon, Neural Network Ensembles, TPAMI 12(10), 1990.)
NetworkWeights AverageOf(absl::Span<const NetworkWeights> members);

}  // namespace grayling

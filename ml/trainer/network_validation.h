#pragma once

#include "absl/types/span.h"
#include "ml/trainer/network.h"

namespace grayling {

// Average precision of the network's logits over all rows of weight above 0, as the detector would
// compute them: for TrainingControl::validate. NaN without positives, or where the weights do not
// fit the sequences.
double ValidationPrAuc(const NetworkWeights& weights, absl::Span<const TrainingSequence> sequences);

}  // namespace grayling

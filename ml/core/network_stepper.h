#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/core/network_weights.h"

namespace grayling {

// Runs one network over several streams, a row at a time, each stream with a state of its own.
// Equal to libtorch on whole sequences within 1e-5. Not thread-safe; Step() does not allocate.
class NetworkStepper {
 public:
  // INVALID_ARGUMENT when the shapes do not fit together and `inputs`.
  static absl::StatusOr<std::unique_ptr<NetworkStepper>> Create(const NetworkWeights& weights,
                                                                int inputs, int streams);
  virtual ~NetworkStepper() = default;

  // Forgets all history, as at the start of a run.
  virtual void Reset() = 0;
  // The logit of the next row of `stream`; `input` has `inputs` values.
  virtual float Step(int stream, absl::Span<const float> input) = 0;
};

}  // namespace grayling

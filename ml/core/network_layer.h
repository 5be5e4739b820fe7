#pragma once

#include "absl/types/span.h"

namespace grayling {

// One hidden layer, a row at a time, with a state of its own per stream. Step() does not allocate.
// Not thread-safe.
class NetworkLayer {
 public:
  virtual ~NetworkLayer() = default;

  virtual void Reset() = 0;
  // The layer's outputs for the next row of `stream`, valid until its next call.
  virtual absl::Span<const float> Step(int stream, absl::Span<const float> input) = 0;
};

}  // namespace grayling

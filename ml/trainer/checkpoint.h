#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace grayling {

// All of a training that its next step depends on.
struct TrainingState {
  int epoch = 0;  // full ones
  int64_t step = 0;
  std::vector<torch::Tensor> parameters;
  std::vector<torch::Tensor> average;
  std::vector<torch::Tensor> best;  // averages of the best epoch; empty without validation
  double best_quality = 0;
  int best_epoch = 0;
  int64_t random = 0;  // the bits of NetworkRandom
};

// Writes the state to `path` in one piece: a reader sees the old file or the new one.
// `fingerprint` names the data and settings it belongs to. UNAVAILABLE with the reason.
absl::Status WriteCheckpoint(const std::string& path, const std::string& fingerprint,
                             const TrainingState& state, const torch::optim::AdamW& optimizer);

// Reads it back into `state` and `optimizer`. False: there is no such file.
// FAILED_PRECONDITION: it is damaged, or of another fingerprint.
absl::StatusOr<bool> ReadCheckpoint(const std::string& path, const std::string& fingerprint,
                                    TrainingState& state, torch::optim::AdamW& optimizer);

}  // namespace grayling

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/trainer/network.h"

namespace grayling {

struct AutoencoderSettings {
  int hidden = 32;
  int window = 16;  // rows
  int epochs = 30;
  int batch = 64;                 // windows per step
  int most_steps_per_epoch = 60;  // windows are drawn at random
  double learning_rate = 3e-3;
  uint64_t seed = 1;
};

// An LSTM that squeezes a window of rows into one state and a second one that unfolds the rows from
// it (Srivastava et al. 2015; for faults Malhotra et al. 2016). It learns healthy windows only; a
// row that it cannot give back is strange. A fault that stays inside what healthy rows do is
// rebuilt as well as they are: that is why it is here to be compared, and not in the daemon.
class Autoencoder {
 public:
  // Trains on windows whose rows are all healthy (target 0). Deterministic by seed.
  // INVALID_ARGUMENT without such a window; INTERNAL with libtorch's own words.
  static absl::StatusOr<std::unique_ptr<Autoencoder>> Train(
      absl::Span<const TrainingSequence> sequences, const AutoencoderSettings& settings);
  virtual ~Autoencoder() = default;

  virtual int64_t parameters() const = 0;
  // Per row the mean squared error of its own values, rebuilt from the window that ends in it; rows
  // before the first are zero. INTERNAL with libtorch's own words.
  virtual absl::StatusOr<std::vector<float>> Score(const Matrix& inputs) const = 0;
};

}  // namespace grayling

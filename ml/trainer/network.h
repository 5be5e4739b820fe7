#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/core/model.h"

namespace grayling {

// One stream of one run, in order: what the network sees and what it should say.
struct TrainingSequence {
  Matrix inputs;               // rows x features
  std::vector<float> targets;  // per row, 0 or 1
  std::vector<float> weights;  // per row, 0 leaves the row out of the loss
};

struct NetworkSettings {
  int hidden = 32;
  int epochs = 60;
  int batch = 16;         // crops per step
  int crop_rows = 64;     // truncated sequences, drawn at random
  int burn_in_rows = 12;  // rows of a crop that only warm the state up
  int least_steps = 8;    // optimizer steps per epoch, at least
  double learning_rate = 4e-3;
  double weight_decay = 1e-3;
  double gradient_norm = 1.0;
  double input_dropout = 0.1;  // whole features of a crop, as if the metric were missing
  double hidden_dropout = 0.3;
  double input_noise = 0.2;  // standard deviation
  double weight_average =
      0.98;  // exponential average of the weights over steps; its result is kept
  double positive_weight_cap = 10;
  uint64_t seed = 1;
};

struct NetworkWeights {
  LstmWeights lstm;
  Eigen::VectorXf head_weights;
  float head_bias = 0;
};

// Called after each epoch with its mean loss and the averaged weights so far.
using EpochCallback = std::function<void(int epoch, double loss, const NetworkWeights& weights)>;

// Fits LSTM(F -> hidden) + linear by Adam on weighted binary cross-entropy: positives weigh
// min(cap, N0 / N1). Deterministic for equal inputs, settings and one math thread.
// INVALID_ARGUMENT without sequences, without positives or without negatives; INTERNAL with
// libtorch's own words.
absl::StatusOr<NetworkWeights> TrainNetwork(absl::Span<const TrainingSequence> sequences,
                                            const NetworkSettings& settings,
                                            const EpochCallback& on_epoch);

// What libtorch itself says for these weights: one logit per row of `inputs`, from a zero state.
// The reference for the Eigen cell.
absl::StatusOr<std::vector<float>> ReferenceLogits(const NetworkWeights& weights,
                                                   const Matrix& inputs);

}  // namespace grayling

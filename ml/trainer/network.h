#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/core/network_weights.h"
#include "ml/trainer/loss.h"

namespace grayling {

// One stream of one run, in order: what the network sees and what it should say.
struct TrainingSequence {
  Matrix inputs;               // rows x features; 0 where missing
  std::vector<float> targets;  // per row, 0 or 1
  std::vector<float> weights;  // per row, 0 leaves the row out of the loss
};

struct NetworkSettings {
  Architecture architecture = Architecture::kLstm;
  int layers = 1;  // hidden layers; logistic has none
  int hidden = 32;
  int taps = 3;  // of a convolution
  int epochs = 60;
  int batch = 16;         // crops per step
  int crop_rows = 64;     // truncated sequences, drawn at random
  int burn_in_rows = 12;  // rows of a crop that only warm the state up; at least what a
                          // convolution looks back
  int least_steps = 8;    // optimizer steps per epoch, at least
  double learning_rate = 4e-3;
  double weight_decay = 1e-3;
  double gradient_norm = 1.0;
  double input_dropout = 0.1;  // whole features of a crop, as if the metric were missing
  double hidden_dropout = 0.3;
  double input_noise = 0.2;  // standard deviation
  double input_scaling = 0;  // of the logarithm of one factor for all rows of a crop
  double weight_average =
      0.98;  // exponential average of the weights over steps; its result is kept
  double positive_weight_cap = 10;  // 1: no class weight
  LossSettings loss;
  uint64_t seed = 1;
  std::string device = "cpu";  // or "cuda"
  bool fused = true;           // the LSTM of fused_lstm.h; false: libtorch's own
};

// Called after each epoch with its mean loss and the averaged weights so far.
using EpochCallback = std::function<void(int epoch, double loss, const NetworkWeights& weights)>;

// What else may end a training, or carry it on.
struct TrainingControl {
  // How good the averaged weights are on rows that training does not see (such as
  // ValidationPrAuc): larger is better. Asked after each epoch; the best weights are returned, and
  // training ends after `patience` epochs without a better one. Empty: the last weights.
  std::function<double(const NetworkWeights&)> validate;
  int patience = 15;
  // Looked at before every step; set: training ends and returns the best weights so far. May be
  // null.
  const std::atomic<bool>* stop = nullptr;
  // File that holds the whole state after the last full epoch; empty: none. Where it exists,
  // training goes on from it, bit for bit as if it had never stopped, and `on_epoch` hears of the
  // later epochs only. FAILED_PRECONDITION when it belongs to other data or settings (`epochs` may
  // differ) or is damaged.
  std::string checkpoint;
};

// Fits a network with a linear head by AdamW. Positives weigh min(cap, N0 / N1) in the
// cross-entropy. Deterministic for equal inputs, settings and one math thread; calls in several
// threads do not disturb each other.
// INVALID_ARGUMENT for settings that cannot work, without positives or without negatives;
// FAILED_PRECONDITION where libtorch lacks the device; INTERNAL with libtorch's own words.
absl::StatusOr<NetworkWeights> TrainNetwork(absl::Span<const TrainingSequence> sequences,
                                            const NetworkSettings& settings,
                                            const EpochCallback& on_epoch,
                                            const TrainingControl& control = {});

// What libtorch's own layers say for these weights: one logit per row of `inputs`, from a zero
// state. The reference for NetworkStepper.
absl::StatusOr<std::vector<float>> ReferenceLogits(const NetworkWeights& weights,
                                                   const Matrix& inputs);

// Free numbers of a network: what its size costs.
int64_t CountParameters(const NetworkWeights& weights);

}  // namespace grayling

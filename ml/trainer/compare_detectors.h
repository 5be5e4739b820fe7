#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "ml/trainer/fit_inputs.h"
#include "ml/trainer/stream_inputs.h"

namespace grayling {

// One line of the comparison.
struct ComparedDetector {
  enum class Kind { kNetwork, kAutoencoder, kPca };
  std::string name;
  Kind kind = Kind::kNetwork;
  NetworkSettings network;
};

// LSTM of 16, 32, 64 and 2 x 32 units, GRU 32, CNN 3 x 32, logistic regression, and the two without
// labels: LSTM autoencoder and PCA reconstruction. All else as in `base`.
std::vector<ComparedDetector> DetectorsToCompare(const NetworkSettings& base);
// LSTM 32 under every loss, with and without class weight where the loss has one.
std::vector<ComparedDetector> LossesToCompare(const NetworkSettings& base);

// What all detectors of one fold share.
struct FoldInputs {
  Dataset part;             // to learn from
  PreparedInputs prepared;  // fitted on it
  std::vector<const Run*> held_out;
  std::vector<std::vector<StreamRows>> streams;  // of those runs
  const std::vector<std::string>* columns = nullptr;
};

struct DetectorScores {
  // Per held-out run, per row; comparable between folds. NaN where the detector cannot tell.
  std::vector<std::vector<float>> logits;
  int64_t parameters = 0;
  double epoch_s = 0;  // CPU time
  double row_us = 0;   // CPU time, per row and stream
};

// Trains one detector on the fold's part and scores the held-out runs from their first rows on.
absl::StatusOr<DetectorScores> TrainAndScore(const ComparedDetector& detector,
                                             const FoldInputs& fold);

}  // namespace grayling

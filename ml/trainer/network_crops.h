#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "ml/trainer/network.h"
#include "ml/trainer/network_random.h"

namespace grayling {

// One step's crops, rows first: value (row, crop, feature).
struct CropBatch {
  int64_t rows = 0;
  int64_t crops = 0;
  std::vector<float> inputs;       // rows x crops x features
  std::vector<float> targets;      // rows x crops
  std::vector<float> weights;      // rows x crops
  std::vector<float> hidden_mask;  // rows x crops x hidden: 0 or 1 / (1 - dropout); empty without
};

// Draws random crops of random sequences, longer sequences more often, and disturbs them in ways
// that need no later row: noise per value, features missing from a whole crop, one factor per crop.
// All randomness of a training comes from here, so its state is all that a checkpoint needs.
// `sequences` and `settings` outlive this. Not thread-safe.
class NetworkCrops {
 public:
  NetworkCrops(absl::Span<const TrainingSequence> sequences, const NetworkSettings& settings);

  // Optimizer steps that see about as many rows as there are.
  int StepsPerEpoch() const;
  // The next batch, valid until the next call.
  const CropBatch& Next();

  // For the network's initial weights.
  NetworkRandom& random() { return random_; }

 private:
  void Take(const TrainingSequence& sequence, int64_t crop);
  void Disturb();
  void DrawHiddenMask();

  absl::Span<const TrainingSequence> sequences_;
  const NetworkSettings& settings_;
  NetworkRandom random_;
  std::vector<double> ends_;  // running sum of the sequences' rows
  int64_t features_ = 0;
  int64_t total_rows_ = 0;
  int64_t burn_in_ = 0;
  std::vector<float> factors_;  // crops x features
  CropBatch batch_;
};

}  // namespace grayling

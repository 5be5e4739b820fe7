#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/core/dataset.h"

namespace grayling {

struct BoostedTreesSettings {
  // Gentle: a baseline is short and drifts, and what is learnt by heart does not repeat.
  int rounds = 100;
  int depth = 3;
  double learning_rate = 0.03;
  double least_leaf_weight = 20;  // rows
};

// Gradient boosted regression trees for squared errors (Chen and Guestrin, "XGBoost", KDD 2016),
// from the library XGBoost. One thread and no random choices: equal input, equal output. Missing
// values (NaN) are a branch of their own. Movable; Predict() may not be called from two threads.
class BoostedTrees {
 public:
  // `inputs` is rows x columns, `targets` one finite number per row. INVALID_ARGUMENT when they do
  // not fit or are empty; INTERNAL with the library's words when it fails.
  static absl::StatusOr<BoostedTrees> Fit(const Matrix& inputs, absl::Span<const float> targets,
                                          const BoostedTreesSettings& settings);
  BoostedTrees(BoostedTrees&&) noexcept;
  BoostedTrees& operator=(BoostedTrees&&) noexcept;
  ~BoostedTrees();

  // One prediction per row; `inputs` has the columns that Fit saw.
  absl::StatusOr<std::vector<float>> Predict(const Matrix& inputs) const;

 private:
  struct Impl;
  explicit BoostedTrees(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace grayling

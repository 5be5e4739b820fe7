#pragma once

#include <vector>

#include "absl/types/span.h"
#include "ml/core/evaluation.h"
#include "ml/trainer/operating_point.h"

namespace grayling {

// Epochs after which a network is judged on its held-out rows: at most about twelve times, the last
// epoch among them.
std::vector<int> CheckpointEpochs(int epochs);

// Logits of every row of every run by networks that did not see it; NaN where no fold could tell.
using RunLogits = std::vector<std::vector<float>>;

// What one kind of network said on held-out rows, as the folds are worked off.
struct Trial {
  std::vector<RunLogits> logits;            // per checkpoint; only those that all folds have count
  std::vector<std::vector<double>> pr_auc;  // fold x checkpoint; NaN without faults in the fold

  // The checkpoints that every fold has.
  size_t common_checkpoints() const;
};

// The checkpoint with the best value, its neighbours counted in: one lucky point is none.
size_t SteadyMaximum(absl::Span<const double> values);

// Mean over folds, and its standard error, at a checkpoint.
struct Quality {
  double mean = 0;
  double standard_error = 0;
};
Quality QualityAt(const Trial& trial, size_t checkpoint);

// The first (smallest) whose mean is within one standard error of the best mean (Breiman et al.,
// Classification and Regression Trees, 1984).
size_t SmallestWithinOneStandardError(absl::Span<const Quality> qualities);

}  // namespace grayling

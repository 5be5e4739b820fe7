#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ml/trainer/input_choice.h"

namespace grayling {

// How well the first `count` chosen inputs tell faults from health in rows that neither the choice
// nor the scales nor the model saw.
struct CountQuality {
  int count = 0;
  double pr_auc = 0;          // mean over the folds
  double standard_error = 0;  // of that mean; 0 with one fold
};

struct InputCurve {
  std::vector<CountQuality> points;  // rising counts
  size_t best = 0;                   // index of the largest mean
  size_t chosen = 0;  // smallest count within one standard error of the best (Breiman et al., 1984)
  int folds = 0;
  // Mean Jaccard index of the chosen sets over all pairs of folds; 1: always the same inputs.
  double stability = 0;
  // What each fold chose, names in order, as many as `points` go up to.
  std::vector<std::vector<std::string>> picks;
};

// Chooses inputs anew in each of at most five folds over the groups (crossval_folds.h) and judges
// logistic regressions on the first 1, 2, 3, 4, 6, 8, 12 ... of them by PR-AUC on the fold's rows,
// the largest logit over the services. INVALID_ARGUMENT where no fold has faults on both sides.
absl::StatusOr<InputCurve> CurveOverCounts(const Dataset& dataset,
                                           const SelectionSettings& settings,
                                           const LabelSettings& labels);

}  // namespace grayling

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ml/core/evaluation.h"
#include "ml/trainer/input_choice.h"
#include "ml/trainer/operating_point.h"

namespace grayling {

struct FitSettings {
  NetworkSettings network;  // its `epochs` is the most that may be chosen
  SelectionSettings selection{.least_relevance_share = 0.05};
  LabelSettings labels;
  EvaluationSettings evaluation{2, 4};
  OperatingTargets targets;
  int repeats = 2;  // networks per fold, with different seeds: steadier out-of-fold scores
};

struct FitReport {
  Model model;
  std::vector<ChosenInput> inputs;
  int folds = 0;
  int repeats = 0;                  // networks per fold whose scores are pooled
  int epochs = 0;                   // chosen
  std::vector<ThresholdRow> table;  // on out-of-fold scores
  OperatingPoint point;             // chosen on out-of-fold scores
};

// `done` of `total` epochs over all folds and the final fit.
using FitProgress = std::function<void(int done, int total, const std::string& text)>;

// Trains on the runs with split "train" (all runs when no run has a split). Scales, inputs and
// network are fitted anew in each fold; epochs, calibration, threshold and alarm rule come from the
// scores that each fold's network gives to the groups it did not see; then one network is fitted on
// all training runs. Rows of other splits are never looked at. Deterministic for one math thread.
// INVALID_ARGUMENT says what the data lacks.
absl::StatusOr<FitReport> FitModel(const Dataset& dataset, const FitSettings& settings,
                                   const FitProgress& progress);

}  // namespace grayling

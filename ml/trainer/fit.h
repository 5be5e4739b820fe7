#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ml/core/evaluation.h"
#include "ml/core/model.h"
#include "ml/trainer/input_choice.h"
#include "ml/trainer/operating_point.h"

namespace grayling {

// Sets with more rows than this are cross-validated in fewer folds: minutes matter, and each fold
// has plenty to learn from.
inline constexpr size_t kManyRows = 20000;
size_t CountRows(const Dataset& dataset);

struct FitSettings {
  // Networks to choose from, smaller first; `epochs` is the most that may be chosen.
  std::vector<NetworkSettings> networks = {NetworkSettings{}};
  SelectionSettings selection{.count = 48, .least_relevance_share = 0.05};
  LabelSettings labels;
  EvaluationSettings evaluation{2, 4};
  OperatingTargets targets;
  // Networks with different seeds whose logits are averaged (fit_ensemble.h): steadier than one.
  int members = 4;
  int most_folds = 5;  // of the inner cross-validation; at most 3 with more than kManyRows rows
  // The threshold is the conformal one for this rate of missed events, without votes.
  std::optional<double> conformal_miss_rate;
  // Rows are cleaned of isolated spikes (cleaner.h) before the features, in training and after.
  bool clean = false;
  // How far the level of an input may be off in another recording, in scales (fit_inputs.h).
  float level_variation = 1;
  // Bounds of the work on large sets, whatever `networks` says.
  size_t most_training_rows = 100000;
  int most_steps = 1500;  // per network
  // The state of the last network after each epoch; training goes on from it. Empty: none.
  std::string checkpoint;
  // Set from elsewhere: training ends and the model so far is returned. May be null.
  const std::atomic<bool>* stop = nullptr;
};

// What suits rows every `period_s` seconds.
FitSettings DefaultFit(double period_s);

// "logistic", "lstm 32", "lstm 2 x 32".
std::string DescribeNetwork(const NetworkSettings& network);

// The networks that "auto" chooses from, or the one that `architecture` names; all else as in
// `base`. INVALID_ARGUMENT for an unknown name.
absl::StatusOr<std::vector<NetworkSettings>> NetworksFor(absl::string_view architecture,
                                                         const NetworkSettings& base);

// How one of several networks did on the groups it did not see.
struct NetworkTrial {
  std::string network;
  int epochs = 0;             // its best
  double pr_auc = 0;          // mean over folds
  double standard_error = 0;  // of that mean, over folds
};

struct FitReport {
  Model model;
  std::vector<ChosenInput> inputs;
  std::vector<NetworkTrial> trials;
  std::string network;  // chosen
  int folds = 0;
  int members = 0;                  // networks whose logits are averaged
  int epochs = 0;                   // chosen
  std::vector<ThresholdRow> table;  // on out-of-fold scores
  OperatingPoint point;             // chosen on out-of-fold scores
  std::vector<std::string> notes;   // what a reader must know
};

// `done` of `total` epochs over all folds and the final fit.
using FitProgress = std::function<void(int done, int total, const std::string& text)>;

// Trains on the runs with split "train" (all runs when no run has a split). Scales, inputs and
// network are fitted anew in each fold (crossval_folds.h, by group); the network (the smallest
// within one standard error of the best average precision), its epochs, calibration, threshold and
// alarm rule come from the scores that each fold's networks give to the rows they did not see; then
// the network is fitted on all training runs. Rows of other splits are never looked at.
// Deterministic for one math thread. INVALID_ARGUMENT says what the data lacks; CANCELLED when
// stopped before any network was judged.
absl::StatusOr<FitReport> FitModel(const Dataset& dataset, const FitSettings& settings,
                                   const FitProgress& progress);

}  // namespace grayling

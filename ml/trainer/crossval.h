#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ml/trainer/crossval_folds.h"
#include "ml/trainer/fit.h"

namespace grayling {

struct CrossvalSettings {
  HoldOut by = HoldOut::kGroup;
  FitSettings fit;
  int most_folds = 0;  // beyond, several are left out together; 0: 10, or 5 above kManyRows rows
  int processes = 0;   // at a time; 0: one per core
};

// How the model of one fold came about.
struct FoldSummary {
  std::string held_out;
  std::string network;  // empty: none could be fitted
  int epochs = 0;
  int inputs = 0;
  double threshold = 0;
  int alarm_votes = 0;
  int alarm_rows = 0;
  bool meets_targets = false;  // on its own out-of-fold scores
  std::string note;
};

struct CrossvalResult {
  FoldPlan plan;
  std::vector<FoldSummary> folds;
  // Every run of the data set, in order; scores and alarms of models that did not see the row.
  std::vector<ScoredRun> runs;
};

// Fits FitModel on all folds but one, in turn, and scores the rows of that one; marks of `split`
// are not looked at. Each run is scored from its first row on, so that every row meets a detector
// that has followed the run, and the rows of the fold are kept. Where a fold cannot be fitted, its
// rows score 0 without alarm and its summary says why. `dataset` outlives the result. Starts
// processes: see RunInProcesses. Deterministic. INVALID_ARGUMENT when there is nothing to hold out,
// or when no fold at all can be fitted.
absl::StatusOr<CrossvalResult> Crossvalidate(const Dataset& dataset,
                                             const CrossvalSettings& settings,
                                             const FitProgress& progress);

// Only what the fold's model says about the fold's own runs and windows: `runs` keep the rows of
// `fold`, for a table per fold. `storage` holds the cut runs and outlives the result.
std::vector<ScoredRun> RowsOfFold(const CrossvalResult& result, int fold,
                                  std::vector<Run>& storage);

}  // namespace grayling

#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ml/core/dataset.h"

namespace grayling {

// What is left out of training in turn.
enum class HoldOut {
  kGroup,      // whole groups of runs: would it find these faults in another recording?
  kKind,       // every event of one fault kind: does it know faults, or only these faults?
  kIntensity,  // every event of one intensity
};

// "group", "kind", "intensity".
std::string HoldOutName(HoldOut by);
absl::StatusOr<HoldOut> ParseHoldOut(absl::string_view name);

// Which fold scores which row. Every row of every run belongs to exactly one fold.
struct FoldPlan {
  std::vector<std::string> names;                // of what each fold holds out
  std::vector<std::vector<int>> fold_of_row;     // per run, per row
  std::vector<std::vector<int>> fold_of_window;  // per run, per window
  double recovery_s = 0;
  std::string note;  // what a reader of the results must know; may be empty
};

// By group: a fold per group that has fault windows, dealt round where there are more than
// `most_folds`; groups without windows are dealt round over these folds. Where fewer than two
// groups have windows, the windows are cut into at most five stretches in time order instead.
// By kind or intensity: a fold per value, or bundles of values where there are more. A window's
// rows and its recovery go to the fold of the value, together with the fault-free rows before the
// window (as many as three usual windows, at least 60); fault-free rows farther off are dealt round
// in blocks of that length. So the fault-free rows of a fold are unseen by its model as well.
// INVALID_ARGUMENT when there is nothing to tell apart.
absl::StatusOr<FoldPlan> PlanFolds(const Dataset& dataset, HoldOut by, double recovery_s,
                                   size_t most_folds);

// The data that fold `fold` may be fitted on: its rows are missing (NaN), as are all rows of its
// windows and their recoveries that another fold scores, and its windows are gone. Longer stretches
// of missing rows are cut out, so that a run may become several of the same group. Columns without
// any value left are gone as well, and nobody has a split.
Dataset TrainingPart(const Dataset& dataset, const FoldPlan& plan, int fold);

}  // namespace grayling

#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ml/core/dataset.h"

namespace grayling {

// Which runs to fit on and which to judge by: indices into Dataset::runs.
struct Split {
  std::vector<size_t> train;
  std::vector<size_t> test;
};

// By the runs' own `split`; runs without one are left out. INVALID_ARGUMENT when a side is empty or
// a group has runs on both sides, unless they are an entity's earlier and later half.
absl::StatusOr<Split> SplitAsMarked(const Dataset& dataset);

// The groups' names in order of first sight. Runs without a group are a group each, by id.
std::vector<std::string> GroupsOf(const Dataset& dataset);

// Leave one group out: runs of `group` are the test side. NOT_FOUND for an unknown group;
// INVALID_ARGUMENT when nothing is left to fit on.
absl::StatusOr<Split> LeaveOut(const Dataset& dataset, const std::string& group);

// Cuts one run into one run per window group, in time order: each from `lead_s` before its first
// window to where the next begins, the last one to the end. A group keeps at least the first
// `recovery_s` after its last window: rows that still suffer stay with the window that explains
// them. Rows before the first are left out (the
// load still ramps up there). A piece is called <id>-<group> and has that group. A run whose
// windows name no group comes back whole. INVALID_ARGUMENT when two groups interleave in time.
absl::StatusOr<std::vector<Run>> CutByWindowGroups(const Run& run, double lead_s,
                                                   double recovery_s);

}  // namespace grayling

#pragma once

#include <string>
#include <vector>

#include "ml/core/dataset.h"

namespace grayling {

// Rows [first, last) of a run.
struct RowRange {
  size_t first = 0;
  size_t last = 0;
  size_t size() const { return last - first; }
};

// The phases of one labelled window that holds a row.
struct EventPhases {
  size_t run = 0;     // index into Dataset::runs
  size_t window = 0;  // index into its windows
  RowRange before;    // as long as the window (at least ten periods), since the last recovery
  RowRange during;    // [start, end)
  RowRange after;     // as long, from the end of the recovery to the next window
  RowRange settling;  // from the end to the next window: where the column may come back
};

// All events of a data set, run by run in the order of their windows. `recovery_s` after each
// window belong to no phase. A phase may be empty where windows follow each other closely. Pure.
std::vector<EventPhases> PhasesOf(const Dataset& dataset, double recovery_s);

}  // namespace grayling

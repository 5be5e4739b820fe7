#pragma once

#include <vector>

#include "ml/core/dataset.h"
#include "ml/core/localise_rows.h"

namespace grayling {

// How far one column moved from the reference rows to the fault's rows.
struct Deviation {
  bool measured = false;  // it has values in both
  float before = 0;       // median of the reference rows, in the column's unit
  float during = 0;       // median of the fault's rows, over that stretch where it moved most
  double rise = 0;        // log(1 + steps upward), 0 when it did not rise
  double drop = 0;        // the same downward
};

// One per column of the data set. A step is
//   the 85th percentile of |x - median| over the reference rows (its usual scatter)
//   + a quarter of the level (what does not change by a quarter matters little, however quiet)
//   + a twentieth of what the metric is elsewhere (so that a column at zero has a step too);
// the level is the median before for a rise and the median during for a drop, so that doubling and
// halving weigh the same. The fault's rows are looked at in growing stretches from the start (4, 8,
// 16 .. rows), and the largest movement counts: a short fault is not diluted, a slow one not
// missed. Missing values are left out.
std::vector<Deviation> Deviations(const Dataset& dataset, const Run& run, const LocaliseRows& rows);

}  // namespace grayling

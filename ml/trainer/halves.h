#pragma once

#include <vector>

#include "ml/core/dataset.h"

namespace grayling {

// The rows and windows of `run` with start <= time < end. Windows are kept when they begin in
// there.
Run SliceRun(const Run& run, double start, double end);

// Two parts of a run with about as many windows each, cut in the widest stretch without a window
// near the middle window (half-way in time with fewer than two windows); for cross-validation
// inside one run. Each part gets a group of its own.
std::vector<Run> CutInHalves(const Run& run);

}  // namespace grayling

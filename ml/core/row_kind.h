#pragma once

#include <limits>
#include <vector>

#include "ml/core/dataset.h"

namespace grayling {

enum class RowKind {
  kFaultFree,
  kFault,     // start <= time < end of a window
  kRecovery,  // within `recovery_s` after a window, and in no window: neither label is true
  kUnjudged,  // farther than the margin from the run's faults: counts nowhere
};

// One kind per row of `run`. Only rows with first start - margin_s <= time < last end + margin_s
// are judged; without a limit all are. Under a limit a run without windows is unjudged throughout.
// Pure.
std::vector<RowKind> KindsOfRows(const Run& run, double recovery_s,
                                 double margin_s = std::numeric_limits<double>::infinity());

}  // namespace grayling

#pragma once

#include <vector>

#include "ml/core/dataset.h"

namespace grayling {

enum class RowKind {
  kFaultFree,
  kFault,     // start <= time < end of a window
  kRecovery,  // within `recovery_s` after a window, and in no window: neither label is true
};

// One kind per row of `run`. Pure.
std::vector<RowKind> KindsOfRows(const Run& run, double recovery_s);

}  // namespace grayling

#pragma once

#include "probe/fault/fault_order.h"

namespace grayling::probe {

// The intensity (the kind's first parameter) in force when `share` of the order acts. 0 for a kind
// without one.
double IntensityOf(const FaultOrder& order, double share);

// The share with which the order's shape begins.
double FirstShare(const FaultOrder& order);

}  // namespace grayling::probe

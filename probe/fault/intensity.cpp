#include "probe/fault/intensity.h"

#include "base/fault_kinds.h"

namespace grayling::probe {

double IntensityOf(const FaultOrder& order, double share) {
  const FaultKind* kind = FindFaultKindOrNull(order.kind);
  if (kind == nullptr || kind->parameters.empty()) return 0;
  return IntensityAt(*kind, order.Parameter(kind->parameters.front().name), share);
}

double FirstShare(const FaultOrder& order) {
  return ShareAt(order.shape, 0, static_cast<double>(order.ttl_ms) / 1000);
}

}  // namespace grayling::probe

#include "probe/fault/effect.h"

#include "probe/fault/blade_effect.h"
#include "probe/fault/cpu_load.h"
#include "probe/fault/memory_pressure.h"
#include "probe/fault/netem_effect.h"

namespace grayling::probe {

Result<std::unique_ptr<Effect>> MakeEffect(const FaultOrder& order) {
  if (!order.arguments.empty()) return BladeEffect::Make(order);
  if (order.kind == "network.delay" || order.kind == "network.loss") {
    return std::unique_ptr<Effect>(std::make_unique<NetemEffect>(order));
  }
  if (order.kind == "cpu.load") return std::unique_ptr<Effect>(std::make_unique<CpuLoad>(order));
  if (order.kind == "memory.pressure") {
    return std::unique_ptr<Effect>(std::make_unique<MemoryPressure>(order));
  }
  return Error{"there is no fault kind '" + order.kind + "'"};
}

}  // namespace grayling::probe

#include "probe/fault/effect.h"

#include "probe/fault/blade_effect.h"
#include "probe/fault/cpu_load.h"
#include "probe/fault/cpu_throttle.h"
#include "probe/fault/disk_burn.h"
#include "probe/fault/disk_fill.h"
#include "probe/fault/disk_throttle.h"
#include "probe/fault/memory_leak.h"
#include "probe/fault/memory_pressure.h"
#include "probe/fault/memory_squeeze.h"
#include "probe/fault/netem_effect.h"
#include "probe/fault/process_kill.h"
#include "probe/fault/process_pause.h"

namespace grayling::probe {
namespace {

template <typename Kind>
Result<std::unique_ptr<Effect>> Made(const FaultOrder& order) {
  return std::unique_ptr<Effect>(std::make_unique<Kind>(order));
}

}  // namespace

Result<std::unique_ptr<Effect>> MakeEffect(const FaultOrder& order) {
  if (!order.arguments.empty()) return BladeEffect::Make(order);
  const std::string& kind = order.kind;
  if (kind.rfind("network.", 0) == 0) return Made<NetemEffect>(order);
  if (kind == "cpu.load") return Made<CpuLoad>(order);
  if (kind == "cpu.throttle") return Made<CpuThrottle>(order);
  if (kind == "memory.leak") return Made<MemoryLeak>(order);
  if (kind == "memory.pressure") {
    return order.Option("method") == "limit" ? Made<MemorySqueeze>(order)
                                             : Made<MemoryPressure>(order);
  }
  if (kind == "disk.throttle") return Made<DiskThrottle>(order);
  if (kind == "disk.burn") return Made<DiskBurn>(order);
  if (kind == "disk.fill") return Made<DiskFill>(order);
  if (kind == "process.kill") return Made<ProcessKill>(order);
  if (kind == "process.pause") return Made<ProcessPause>(order);
  return Error{"there is no fault kind '" + kind + "'"};
}

}  // namespace grayling::probe

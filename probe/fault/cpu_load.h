#pragma once

#include "probe/fault/cgroup_children.h"
#include "probe/fault/effect.h"

namespace grayling::probe {

// Burns `percent` of one core inside the container's cgroup, so that it competes with the service
// under the service's own quota. More than 100 percent takes several processes.
class CpuLoad final : public Effect {
 public:
  explicit CpuLoad(const FaultOrder& order);

  Result<ReadBack> Apply() override;
  Status StillThere() override { return children_.AllAlive(); }
  Status Revert() override { return children_.KillAll(); }

 private:
  double percent_;
  CgroupChildren children_;
};

// Uses `duty` (0..1) of one core for ever, in periods of 20 ms. Steered by the CPU time really got:
// what a busy neighbour took is made up for within one period and then forgotten, so that the load
// never turns into a long burst.
[[noreturn]] void BurnForEver(double duty);

}  // namespace grayling::probe

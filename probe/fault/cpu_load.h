#pragma once

#include <atomic>

#include "probe/fault/cgroup_children.h"
#include "probe/fault/effect.h"
#include "probe/kernel/shared_memory.h"

namespace grayling::probe {

// Burns `percent` of one core inside the container's cgroup, so that it competes with the service
// under the service's own quota. More than 100 percent takes several processes. Reads back what
// they really used together over three periods ("percent_measured"); less than half of what was
// asked is an error. The processes learn a new share from shared memory.
class CpuLoad final : public Effect {
 public:
  explicit CpuLoad(const FaultOrder& order);

  Result<ReadBack> Apply() override;
  Status SetShare(double share) override;
  Status StillThere() override { return children_.AllAlive(); }
  Status Revert() override { return children_.KillAll(); }

 private:
  Status WaitUntilAllBurn() const;
  Result<std::int64_t> TotalCpuTimeNs() const;
  // Percent of one core, over 60 ms; over up to 600 ms while it is less than enough for `percent`.
  Result<double> MeasurePercent(double percent) const;

  FaultOrder order_;
  int processes_;
  SharedMemory<std::atomic<double>> duty_;  // of each process
  CgroupChildren children_;
};

// Half of it: the service and its neighbours may take the rest.
bool IsEnoughLoad(double asked_percent, double measured_percent);

// Uses `duty` (0..1) of one core for ever, in periods of 20 ms, and looks at it anew in each.
// Steered by the CPU time really got: what a busy neighbour took is made up for within one period
// and then forgotten, so that the load never turns into a long burst.
[[noreturn]] void BurnForEver(const std::atomic<double>& duty);

}  // namespace grayling::probe

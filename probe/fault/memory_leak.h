#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "probe/fault/cgroup_children.h"
#include "probe/fault/effect.h"
#include "probe/fault/memory_use.h"
#include "probe/kernel/shared_memory.h"

namespace grayling::probe {

// Hot memory that grows by `mib_per_s` inside the container's cgroup until the working set is
// `until_percent` of the limit, or 2 MiB below the limit; there it stays, and gives way to the
// service. The share moves the rate, not what has been taken. Reads back, besides the rate that was
// set, by how much the process's resident memory really grew ("mib_grown").
class MemoryLeak final : public Effect {
 public:
  explicit MemoryLeak(const FaultOrder& order);

  Result<ReadBack> Apply() override;
  Status SetShare(double share) override;
  Status StillThere() override { return children_.AllAlive(); }
  Status Revert() override { return children_.KillAll(); }

 private:
  // MiB by which the leaking process has grown, once it has; 0 for a rate too low to wait for.
  Result<double> ProveGrowth();

  FaultOrder order_;
  SharedMemory<std::atomic<double>> mib_per_s_;
  CgroupChildren children_;
};

// Takes memory at the rate, which may move, until the cgroup's working set is at the ceiling.
[[noreturn]] void LeakForEver(const std::string& cgroup, const std::atomic<double>& mib_per_s,
                              std::int64_t ceiling_bytes);

}  // namespace grayling::probe

#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "probe/fault/cgroup_children.h"
#include "probe/fault/effect.h"
#include "probe/fault/memory_use.h"
#include "probe/kernel/shared_memory.h"

namespace grayling::probe {

// Fills the container's cgroup with hot anonymous memory until its working set is `percent` of its
// limit, and holds it there: when the service shrinks it follows, when the service needs memory
// that cannot be reclaimed it gives way. What would come nearer
// than 2 MiB to the limit is refused, so that nothing is killed.
class MemoryPressure final : public Effect {
 public:
  explicit MemoryPressure(const FaultOrder& order);

  Result<ReadBack> Apply() override;
  Status SetShare(double share) override;
  Status StillThere() override { return children_.AllAlive(); }
  Status Revert() override { return children_.KillAll(); }

 private:
  // Waits until the working set is there.
  Result<MemoryUse> Fill(MemoryUseReader& reader, std::int64_t goal);

  FaultOrder order_;
  std::int64_t limit_ = 0;
  SharedMemory<std::atomic<std::int64_t>> goal_;
  CgroupChildren children_;
};

// Allocates, touches and releases for ever so that `cgroup` stays at the goal, which may move.
[[noreturn]] void HoldMemoryForEver(const std::string& cgroup,
                                    const std::atomic<std::int64_t>& goal_bytes);

}  // namespace grayling::probe

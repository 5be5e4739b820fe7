#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "probe/fault/cgroup_children.h"
#include "probe/fault/effect.h"

namespace grayling::probe {

// What a cgroup holds, in bytes.
struct MemoryUse {
  std::int64_t current = 0;        // memory.current
  std::int64_t working_set = 0;    // without cold file pages, as `docker stats` counts
  std::int64_t unreclaimable = 0;  // without any file pages: what can lead to a kill
};
MemoryUse ParseMemoryUse(std::int64_t current, std::string_view memory_stat);

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
  Result<std::int64_t> Limit() const;  // bytes

  std::string cgroup_;
  double percent_;
  CgroupChildren children_;
};

// Bytes of working set to aim at. An error names the largest percent that this limit allows.
Result<std::int64_t> MemoryGoal(std::int64_t limit_bytes, double percent);

// Allocates, touches and releases for ever so that `cgroup` stays at the goal.
[[noreturn]] void HoldMemoryForEver(const std::string& cgroup, std::int64_t goal_bytes);

}  // namespace grayling::probe

#pragma once

#include <cstdint>
#include <string>

#include "probe/fault/cgroup_setting.h"
#include "probe/fault/effect.h"

namespace grayling::probe {

// memory.pressure by method limit: memory.high is `percent` below the working set that the
// container had, so that the kernel reclaims and slows its processes down. Nothing is ever killed
// by memory.high. A share of 0 is the value it had before.
class MemorySqueeze final : public Effect {
 public:
  explicit MemorySqueeze(FaultOrder order);

  Result<std::map<std::string, std::string>> ReadEarlier() override;
  Result<ReadBack> Apply() override;
  Status SetShare(double share) override;
  Status StillThere() override;
  Status Revert() override;

 private:
  std::int64_t WorkingSet() const;  // before the fault, bytes

  FaultOrder order_;
  CgroupSetting setting_;
  std::string in_force_;
};

}  // namespace grayling::probe

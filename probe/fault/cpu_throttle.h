#pragma once

#include <cstdint>
#include <string>

#include "probe/fault/cgroup_setting.h"
#include "probe/fault/effect.h"

namespace grayling::probe {

// cpu.max of a container. 100 percent is one core.
struct CpuQuota {
  bool limited = false;
  std::int64_t quota_us = 0;
  std::int64_t period_us = 100'000;

  double Percent() const;  // infinite without a limit
  bool operator==(const CpuQuota&) const = default;
};
// "max 100000" or "20000 100000".
Result<CpuQuota> ParseCpuMax(const std::string& content);
// An error when the kernel would not take it: it wants 1 ms of CPU time per period at least.
Result<CpuQuota> QuotaFor(double percent, double period_ms);

// Gives the container's cgroup a quota of CPU time, never a larger one than it has. A share of 0 is
// the quota it had before.
class CpuThrottle final : public Effect {
 public:
  explicit CpuThrottle(FaultOrder order);

  Result<std::map<std::string, std::string>> ReadEarlier() override;
  Result<ReadBack> Apply() override;
  Status SetShare(double share) override;
  Status StillThere() override;
  Status Revert() override;

 private:
  FaultOrder order_;
  CgroupSetting setting_;
  std::string in_force_;
};

}  // namespace grayling::probe

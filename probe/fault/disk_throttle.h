#pragma once

#include <map>
#include <string>

#include "probe/fault/cgroup_setting.h"
#include "probe/fault/effect.h"

namespace grayling::probe {

// The limits of one device in io.max: rbps, wbps, riops, wiops, each a number or "max".
using IoLimits = std::map<std::string, std::string>;
// All "max" for a device that io.max does not name.
IoLimits ParseIoMax(const std::string& content, const std::string& device);
// "254:0 rbps=max wbps=1024 riops=max wiops=max", as the kernel prints it.
std::string IoMaxLine(const std::string& device, const IoLimits& limits);

// "254:0": the whole disk behind the storage of the container whose process this is. An error for
// storage without a disk of its own, such as tmpfs.
Result<std::string> DiskOfContainer(int pid);

// io.max of the container's cgroup for the disk under its storage, never more than it was. A share
// of 0 is what it had before. Enables the io controller where the cgroup lacks it, and disables it
// again.
class DiskThrottle final : public Effect {
 public:
  explicit DiskThrottle(FaultOrder order);

  Result<std::map<std::string, std::string>> ReadEarlier() override;
  Result<ReadBack> Apply() override;
  Status SetShare(double share) override;
  Status StillThere() override;
  Status Revert() override;

 private:
  bool Limits(const std::string& key) const;
  Status EnableController() const;
  Status DisableController() const;
  Result<std::string> LineInForce() const;
  std::string EarlierLine() const;

  FaultOrder order_;
  CgroupSetting setting_;
  std::string in_force_;
};

}  // namespace grayling::probe

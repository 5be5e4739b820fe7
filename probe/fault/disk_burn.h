#pragma once

#include <atomic>

#include "probe/fault/cgroup_children.h"
#include "probe/fault/effect.h"
#include "probe/kernel/shared_memory.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {

// A process in the container's cgroup that reads or writes a file of 8 MiB without a name on the
// container's storage over and over, past the page cache, at `mib_per_s` at most. Reads back what
// the kernel counted for it ("mib_per_s_measured"); less than half of what was asked is an error.
class DiskBurn final : public Effect {
 public:
  explicit DiskBurn(FaultOrder order);

  Result<ReadBack> Apply() override;
  Status SetShare(double share) override;
  Status StillThere() override { return children_.AllAlive(); }
  Status Revert() override;

 private:
  bool Reads() const { return order_.Option("operation") == "read"; }
  [[noreturn]] void BurnForEver() const;
  Result<double> MeasureMibPerS(double asked) const;

  FaultOrder order_;
  UniqueFd file_;
  SharedMemory<std::atomic<double>> mib_per_s_;
  CgroupChildren children_;
};

}  // namespace grayling::probe

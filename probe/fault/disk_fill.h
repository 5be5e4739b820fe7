#pragma once

#include "probe/fault/effect.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {

// A file of `mib` without a name on the container's storage; the share moves its size. What would
// leave less than `keep_free_mib` is refused. The file goes with its keeper, so that nothing is
// left to take back.
class DiskFill final : public Effect {
 public:
  explicit DiskFill(FaultOrder order);

  Result<ReadBack> Apply() override;
  Status SetShare(double share) override;
  Status StillThere() override { return Done{}; }
  Status Revert() override;

 private:
  // Bytes that its blocks take on the disk.
  Result<std::int64_t> TakenBytes() const;

  FaultOrder order_;
  UniqueFd file_;
};

}  // namespace grayling::probe

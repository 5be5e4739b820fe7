#pragma once

#include "probe/fault/effect.h"
#include "probe/fault/fault_file.h"

namespace grayling::probe {

// A file of `mib` on the container's storage; the share moves its size. What would leave less than
// `keep_free_mib` is refused.
class DiskFill final : public Effect {
 public:
  explicit DiskFill(FaultOrder order);

  Result<std::map<std::string, std::string>> ReadEarlier() override { return file_.ReadEarlier(); }
  Result<ReadBack> Apply() override;
  Status SetShare(double share) override;
  Status StillThere() override;
  Status Revert() override;

 private:
  // Bytes that its blocks take on the disk.
  Result<std::int64_t> TakenBytes() const;

  FaultOrder order_;
  FaultFile file_;
  UniqueFd open_;
};

}  // namespace grayling::probe

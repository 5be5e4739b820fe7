#pragma once

#include <string>
#include <vector>

#include "vmfault/machine_effect.h"

namespace grayling::vmfault {

// vm.nic_delay: QEMU's filter-buffer on the backends of the VM's network cards, both directions:
// packets are let go together, once per hold time. Works for user-mode networks too; QEMU refuses
// it for vhost, whose packets it does not see.
class NicDelay final : public MachineEffect {
 public:
  using MachineEffect::MachineEffect;

 protected:
  Result<Earlier> Look(Machine& machine) override;
  Result<probe::ReadBack> Set(Machine& machine, double share) override;
  Status Check(Machine& machine) override;
  // Finds the filters by their names, which carry the fault's id.
  Status TakeBack(Machine& machine) override;

 private:
  std::string FilterOf(const std::string& netdev) const;
  std::vector<std::string> Netdevs() const;
  Result<std::vector<std::string>> Filters(Machine& machine) const;
  // Makes, changes or (0) removes one filter, and returns the interval that QEMU reads back.
  Result<std::int64_t> SetFilter(Machine& machine, const std::string& netdev,
                                 std::int64_t interval_us) const;

  std::int64_t interval_us_ = 0;
};

}  // namespace grayling::vmfault

#pragma once

#include <string>
#include <vector>

#include "vmfault/tuning_effect.h"

namespace grayling::vmfault {

// vm.nic_throttle: libvirt's shaping (towards the VM) and policing (from it) on the tap devices of
// the VM's network cards. Those devices belong to this VM alone.
class NicThrottle final : public TuningEffect {
 public:
  using TuningEffect::TuningEffect;

 protected:
  // MAC addresses. Refuses as a whole when a card that is meant has no tap device.
  Result<std::vector<std::string>> Targets(Machine& machine) override;
  Result<Tuning> Read(Machine& machine, const std::string& target) override;
  Status Write(Machine& machine, const std::string& target, const Tuning& tuning) override;
  Tuning At(double intensity) const override;
  double IntensityOf(const Tuning& tuning) const override;
  std::string Objection(const Tuning& earlier) const override;
  Tuning Kept(const Tuning& earlier) const override;
};

}  // namespace grayling::vmfault

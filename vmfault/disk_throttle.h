#pragma once

#include <string>
#include <vector>

#include "vmfault/tuning_effect.h"

namespace grayling::vmfault {

// vm.disk_throttle: QEMU's own throttle on the VM's writable disks, each of them on its own. The
// host's device is not touched.
class DiskThrottle final : public TuningEffect {
 public:
  using TuningEffect::TuningEffect;

 protected:
  Result<std::vector<std::string>> Targets(Machine& machine) override;
  Result<Tuning> Read(Machine& machine, const std::string& target) override;
  Status Write(Machine& machine, const std::string& target, const Tuning& tuning) override;
  Tuning At(double intensity) const override;
  double IntensityOf(const Tuning& tuning) const override;
  std::string Objection(const Tuning& earlier) const override;
  Tuning Kept(const Tuning& earlier) const override;
};

}  // namespace grayling::vmfault

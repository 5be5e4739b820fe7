#pragma once

#include <memory>

#include "vmfault/machine_effect.h"
#include "vmfault/pause_pulses.h"

namespace grayling::vmfault {

// vm.pause: the VM stands still for a part of each period. A VM that somebody else has paused is
// refused, and left paused when that happens later.
class MachinePause final : public MachineEffect {
 public:
  using MachineEffect::MachineEffect;

 protected:
  Result<Earlier> Look(Machine& machine) override;
  Result<probe::ReadBack> Set(Machine& machine, double share) override;
  Status Check(Machine& machine) override;
  // Without the process that made the pulses, whoever paused the VM is taken for it.
  Status TakeBack(Machine& machine) override;

 private:
  Status Begin(Machine& machine, double duty);

  std::unique_ptr<PausePulses> pulses_;
};

}  // namespace grayling::vmfault

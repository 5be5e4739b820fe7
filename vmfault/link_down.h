#pragma once

#include <string>
#include <vector>

#include "vmfault/machine_effect.h"

namespace grayling::vmfault {

// vm.link_down: the network cards of the VM lose their carrier. Cards that libvirt knows are set
// through it, others by QEMU's monitor. Being on or off, it is on from a share of a half upwards.
class LinkDown final : public MachineEffect {
 public:
  using MachineEffect::MachineEffect;

 protected:
  // Refuses a card whose cable is out already.
  Result<Earlier> Look(Machine& machine) override;
  Result<probe::ReadBack> Set(Machine& machine, double share) override;
  Status Check(Machine& machine) override;
  Status TakeBack(Machine& machine) override;

 private:
  struct Card {
    std::string mac;
    std::string netdev;      // empty: libvirt's own
    std::string link_state;  // libvirt's, earlier
  };

  std::vector<Card> Cards() const;
  Status Plug(Machine& machine, const Card& card, bool up) const;
  // What the card itself says; libvirt's word where it does not say.
  Result<bool> IsUp(Machine& machine, const Card& card, bool believed) const;

  bool is_down_ = false;
};

}  // namespace grayling::vmfault

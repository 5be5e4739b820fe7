#include "vmfault/effects.h"

#include "vmfault/cpu_cap.h"
#include "vmfault/disk_throttle.h"
#include "vmfault/libvirt_machine.h"
#include "vmfault/link_down.h"
#include "vmfault/machine_pause.h"
#include "vmfault/nic_delay.h"
#include "vmfault/nic_throttle.h"

namespace grayling::vmfault {
namespace {

using Made = Result<std::unique_ptr<probe::Effect>>;

template <typename Kind>
Made Make(const probe::FaultOrder& order, const MachineOpener& open) {
  return std::unique_ptr<probe::Effect>(std::make_unique<Kind>(order, open));
}

}  // namespace

probe::EffectMaker MachineEffects(const std::string& uri) {
  return [uri](const probe::FaultOrder& order) -> Made {
    const std::string earlier = order.Earlier(kPlace);
    const MachineOpener open = [place = earlier.empty() ? uri : earlier, domain = order.domain] {
      return LibvirtMachine::Open(place, domain);
    };
    if (order.kind == "vm.cpu_cap") return Make<CpuCap>(order, open);
    if (order.kind == "vm.disk_throttle") return Make<DiskThrottle>(order, open);
    if (order.kind == "vm.link_down") return Make<LinkDown>(order, open);
    if (order.kind == "vm.nic_delay") return Make<NicDelay>(order, open);
    if (order.kind == "vm.nic_throttle") return Make<NicThrottle>(order, open);
    if (order.kind == "vm.pause") return Make<MachinePause>(order, open);
    return Error{"fault kind '" + order.kind + "' does not act on a VM as libvirt holds it"};
  };
}

}  // namespace grayling::vmfault

#include "daemon/start/steps.h"

#include <spdlog/spdlog.h>

#include "daemon/vm/libvirt_hypervisor.h"

namespace grayling {

absl::Status OpenHypervisor(const Settings& settings, Rooms& rooms) {
  rooms.hypervisor = std::make_unique<LibvirtHypervisor>(settings.libvirt_uri);
  if (auto described = rooms.hypervisor->Describe(); described.ok()) {
    spdlog::info("hypervisor: {}", *described);
  } else {
    spdlog::warn("no hypervisor yet: {}", std::string(described.status().message()));
  }
  rooms.vms = std::make_unique<Vms>(*rooms.hypervisor, *rooms.vm_records, rooms.clock);
  rooms.guests = std::make_unique<AgentGuests>(*rooms.hypervisor);
  return absl::OkStatus();
}

}  // namespace grayling

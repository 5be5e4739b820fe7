#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vmfault/machine.h"

namespace grayling::vmfault {

// A network card as QEMU has it, whoever gave it.
struct QemuNic {
  std::string mac;
  std::string netdev;        // id of its backend: hostnet0, n0
  std::string backend_type;  // user, tap, ...
};

// From the text of the monitor's `info network`.
std::vector<QemuNic> ParseInfoNetwork(const std::string& text);

// Those of `machine` that `wanted` (a MAC address or a netdev id; empty: every one) means. An error
// when there is none.
Result<std::vector<QemuNic>> FindQemuNics(Machine& machine, const std::string& wanted);

// Where in the guest's physical memory the virtio network cards have their configuration (virtio
// 1.x, 5.1.4: six bytes of MAC address, then the status word), from the answer to `query-pci`. QEMU
// puts it 0x2000 into BAR 4 of every modern virtio device.
std::vector<std::uint64_t> VirtioNetConfigAddresses(const nlohmann::json& query_pci);

// What the guest's driver reads as the link of the card with this MAC address: from the card's own
// configuration. std::nullopt for a card without one (not virtio, or not yet set up by the guest).
Result<std::optional<bool>> IsLinkUp(Machine& machine, const std::string& mac);

}  // namespace grayling::vmfault

#include "vmfault/nic_throttle.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace grayling::vmfault {
namespace {

constexpr char kIn[] = "inbound.average";    // KiB/s towards the VM; 0: no limit
constexpr char kOut[] = "outbound.average";  // KiB/s from the VM
constexpr std::array<const char*, 7> kKept = {
    kIn, "inbound.peak", "inbound.burst", "inbound.floor", kOut, "outbound.peak", "outbound.burst"};

std::int64_t ValueOf(const Tuning& tuning, const std::string& name) {
  const auto found = tuning.find(name);
  return found == tuning.end() ? 0 : found->second;
}

Error NoTap(const std::string& nic) {
  return Error{"network card " + nic +
               " has no tap device on the host (user-mode network), so vm.nic_throttle has nothing "
               "to act on; use vm.nic_delay, or name another card with the option nic"};
}

}  // namespace

Result<std::vector<std::string>> NicThrottle::Targets(Machine& machine) {
  Result<DomainDevices> devices = machine.Devices();
  if (!devices.ok()) return devices.error();
  const std::string wanted = order().Option("nic");
  std::vector<std::string> targets;
  for (const DomainInterface& interface : devices->interfaces) {
    if (!wanted.empty() && wanted != interface.mac) continue;
    if (!interface.has_tap) return NoTap(interface.mac);
    targets.push_back(interface.mac);
  }
  for (const std::string& netdev : devices->own_netdevs) {
    if (wanted.empty() || wanted == netdev) return NoTap(netdev);
  }
  if (!targets.empty()) return targets;
  return Error{wanted.empty() ? "the VM has no network card"
                              : "the VM has no network card '" + wanted + "'"};
}

Result<Tuning> NicThrottle::Read(Machine& machine, const std::string& target) {
  return machine.NicTuning(target);
}

Status NicThrottle::Write(Machine& machine, const std::string& target, const Tuning& tuning) {
  return machine.SetNicTuning(target, tuning);
}

Tuning NicThrottle::At(double intensity) const {
  const auto rate = std::max<std::int64_t>(std::llround(intensity), 1);
  return {{kIn, rate}, {kOut, rate}};
}

double NicThrottle::IntensityOf(const Tuning& tuning) const {
  std::int64_t tightest = 0;
  for (const char* direction : {kIn, kOut}) {
    const std::int64_t limit = ValueOf(tuning, direction);
    if (limit > 0 && (tightest == 0 || limit < tightest)) tightest = limit;
  }
  return static_cast<double>(tightest);
}

std::string NicThrottle::Objection(const Tuning& earlier) const {
  const double limit = IntensityOf(earlier);
  if (limit <= 0 || limit > IntensityAtShare(1)) return "";
  return "it is limited to " + Short(limit) + " KiB/s already; ask for less";
}

Tuning NicThrottle::Kept(const Tuning& earlier) const {
  Tuning kept;
  for (const char* name : kKept) {
    // A floor that is not there cannot be written: it needs a network of libvirt's.
    const bool is_absent_floor = name == kKept[3] && ValueOf(earlier, name) == 0;
    if (!is_absent_floor) kept[name] = ValueOf(earlier, name);
  }
  return kept;
}

}  // namespace grayling::vmfault

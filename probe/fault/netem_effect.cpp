#include "probe/fault/netem_effect.h"

#include <linux/netlink.h>
#include <net/if.h>

#include <cmath>
#include <cstdio>

#include "probe/fault/id_hash.h"

namespace grayling::probe {
namespace {

constexpr double kNanosecondsPerMs = 1e6;

std::string Hexadecimal(std::uint32_t handle) {
  char text[16];
  std::snprintf(text, sizeof text, "%x:", handle >> 16);
  return text;
}

}  // namespace

NetemSettings NetemEffect::SettingsFor(const FaultOrder& order) {
  NetemSettings settings;
  settings.latency_ns = std::llround(order.Parameter("delay_ms") * kNanosecondsPerMs);
  settings.jitter_ns = std::llround(order.Parameter("jitter_ms") * kNanosecondsPerMs);
  if (order.kind == "network.loss") settings.loss = LossShare(order.Parameter("percent"));
  settings.limit = NetemLimit(settings.latency_ns, settings.jitter_ns);
  return settings;
}

NetemEffect::NetemEffect(const FaultOrder& order)
    : veth_(order.veth),
      // Majors 4000 to 7fff: below those that the kernel gives out by itself (8000 and up).
      handle_((0x4000U | (IdHash(order.id) & 0x3fffU)) << 16),
      settings_(SettingsFor(order)) {}

Status NetemEffect::CheckFree(NetlinkSocket& route, int interface_index) const {
  Result<std::optional<Qdisc>> root = RootQdisc(route, interface_index);
  if (!root.ok()) return root.error();
  if (!*root || (*root)->IsKernelDefault()) return Done{};
  const Qdisc& other = **root;
  return Error{veth_ + " already has the root qdisc " + other.kind + " " +
               Hexadecimal(other.handle) +
               (other.netem ? " (" + Describe(*other.netem) + ")" : "") +
               "; end what set it, then try again"};
}

Result<NetemSettings> NetemEffect::ReadOurs(NetlinkSocket& route, int interface_index) const {
  Result<std::optional<Qdisc>> root = RootQdisc(route, interface_index);
  if (!root.ok()) return root.error();
  if (!*root || (*root)->handle != handle_ || !(*root)->netem) {
    return Error{"the root qdisc of " + veth_ + " is " +
                 (*root ? (*root)->kind + " " + Hexadecimal((*root)->handle) : "none") +
                 ", not our netem " + Hexadecimal(handle_)};
  }
  return *(*root)->netem;
}

Result<ReadBack> NetemEffect::Apply() {
  const int index = static_cast<int>(if_nametoindex(veth_.c_str()));
  if (index == 0) {
    return Error{"there is no interface " + veth_ + "; ask for the containers again"};
  }
  Result<NetlinkSocket> route = NetlinkSocket::Open(NETLINK_ROUTE);
  if (!route.ok()) return route.error();
  if (Status free = CheckFree(*route, index); !free.ok()) return free.error();
  if (Status added = route->Change(AddRootNetemMessage(index, handle_, settings_)); !added.ok()) {
    return Error{"the kernel refused netem on " + veth_ + ": " + added.error().sentence};
  }
  Result<NetemSettings> ours = ReadOurs(*route, index);
  if (!ours.ok()) return ours.error();
  if (*ours != settings_) {
    return Error{"asked for " + Describe(settings_) + " on " + veth_ + " but read back " +
                 Describe(*ours)};
  }
  ReadBack read_back{Describe(*ours), {{"limit_packets", ours->limit}}};
  if (ours->latency_ns > 0) {
    read_back.values["delay_ms"] = static_cast<double>(ours->latency_ns) / kNanosecondsPerMs;
    read_back.values["jitter_ms"] = static_cast<double>(ours->jitter_ns) / kNanosecondsPerMs;
  }
  if (ours->loss > 0) read_back.values["percent"] = LossPercent(ours->loss);
  return read_back;
}

Status NetemEffect::StillThere() {
  const int index = static_cast<int>(if_nametoindex(veth_.c_str()));
  if (index == 0) return Error{"the interface " + veth_ + " is gone"};
  Result<NetlinkSocket> route = NetlinkSocket::Open(NETLINK_ROUTE);
  if (!route.ok()) return route.error();
  Result<NetemSettings> ours = ReadOurs(*route, index);
  if (!ours.ok()) return ours.error();
  return Done{};
}

Status NetemEffect::Revert() {
  const int index = static_cast<int>(if_nametoindex(veth_.c_str()));
  if (index == 0) return Done{};  // its qdisc went with it
  Result<NetlinkSocket> route = NetlinkSocket::Open(NETLINK_ROUTE);
  if (!route.ok()) return route.error();
  Result<std::optional<Qdisc>> before = RootQdisc(*route, index);
  if (!before.ok()) return before.error();
  if (!*before || (*before)->handle != handle_) return Done{};  // never remove another's qdisc
  Status removed = route->Change(DeleteRootQdiscMessage(index, handle_));
  if (!removed.ok() && if_nametoindex(veth_.c_str()) != 0) {
    return Error{"the kernel did not remove netem from " + veth_ + ": " + removed.error().sentence};
  }
  Result<std::optional<Qdisc>> after = RootQdisc(*route, index);
  if (!after.ok()) return after.error();
  if (*after && (*after)->handle == handle_) {
    return Error{"netem is still on " + veth_ + " after it was removed"};
  }
  return Done{};
}

Status NetemEffect::SetShare(double) { return Error{"this kind cannot change yet"}; }

}  // namespace grayling::probe

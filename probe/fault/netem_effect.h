#pragma once

#include <string>

#include "probe/fault/effect.h"
#include "probe/kernel/netlink_socket.h"
#include "probe/kernel/qdisc.h"

namespace grayling::probe {

// Delay or loss on the host's end of a container's link: it acts on every packet towards the
// container, and so once per round trip. Refuses a link on which somebody else set a qdisc.
class NetemEffect final : public Effect {
 public:
  explicit NetemEffect(const FaultOrder& order);

  Result<ReadBack> Apply() override;
  Status SetShare(double share) override;
  Status StillThere() override;
  Status Revert() override;

  // The order in the kernel's terms.
  static NetemSettings SettingsFor(const FaultOrder& order);

 private:
  Status CheckFree(NetlinkSocket& route, int interface_index) const;
  // Error when the kernel's root qdisc is not exactly ours.
  Result<NetemSettings> ReadOurs(NetlinkSocket& route, int interface_index) const;

  std::string veth_;
  std::uint32_t handle_;  // made from the fault's id, so that only its own qdisc is ever removed
  NetemSettings settings_;
};

}  // namespace grayling::probe

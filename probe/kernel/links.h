#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/kernel/netlink_socket.h"

namespace grayling::probe {

// A network interface of one namespace.
struct Link {
  int index = 0;
  int peer_index = 0;    // of a veth: the other end's index, in the other end's namespace; or 0
  int master_index = 0;  // the bridge it belongs to, or 0
  std::string name;
  int queue_length = 0;  // txqueuelen; the kernel makes 1000 of 0 when a qdisc is set
};

// All links of the namespace in which `route` (NETLINK_ROUTE) was opened.
Result<std::vector<Link>> ListLinks(NetlinkSocket& route);
// std::nullopt when there is none of this index.
Result<std::optional<Link>> FindLink(NetlinkSocket& route, int index);

NetlinkMessage SetQueueLengthMessage(int index, int queue_length);

}  // namespace grayling::probe

#pragma once

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
};

// All links of the namespace in which `route` (NETLINK_ROUTE) was opened.
Result<std::vector<Link>> ListLinks(NetlinkSocket& route);

}  // namespace grayling::probe

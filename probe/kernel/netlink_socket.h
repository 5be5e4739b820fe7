#pragma once

#include <functional>
#include <vector>

#include "probe/kernel/netlink_message.h"
#include "probe/kernel/result.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {

// A conversation with the kernel. The socket belongs for ever to the network namespace in which it
// was opened, also after its thread has moved on. Not thread-safe.
class NetlinkSocket {
 public:
  // `protocol`: NETLINK_ROUTE, NETLINK_SOCK_DIAG.
  static Result<NetlinkSocket> Open(int protocol);

  // Sends a change and waits for the kernel's verdict. The error carries the kernel's own words and
  // errno value.
  Status Change(NetlinkMessage message);
  // Sends a dump request; `visit` gets each answer's payload (after nlmsghdr).
  Status Dump(NetlinkMessage message, const std::function<void(Bytes payload)>& visit);

 private:
  Status Send(NetlinkMessage& message);
  // Calls `visit` until the answer to the last request is complete.
  Status Receive(bool dump, const std::function<void(Bytes payload)>& visit);

  UniqueFd fd_;
  std::uint32_t sequence_ = 0;
  std::vector<char> buffer_;
};

}  // namespace grayling::probe

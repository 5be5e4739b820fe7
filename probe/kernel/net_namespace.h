#pragma once

#include <sys/types.h>

#include <cstdint>

#include "probe/kernel/netlink_socket.h"

namespace grayling::probe {

// Opens a netlink socket inside the network namespace of process `pid`; the calling thread is back
// in its own namespace on return. Aborts the program if it cannot go back: going on elsewhere would
// change the wrong interfaces.
Result<NetlinkSocket> OpenNetlinkIn(pid_t pid, int protocol);

// The number that tells the network namespace of `pid` from all others that live.
Result<std::uint64_t> NetNamespaceOf(pid_t pid);

inline constexpr int kNoSuchNamespace = -1;  // Error::code

// The same for the namespace of this number, through any process in it, or through the names that
// Docker and ip-netns keep: a namespace may live on when the process it was made for is gone.
Result<NetlinkSocket> OpenNetlinkInNamespace(std::uint64_t number, int protocol);

}  // namespace grayling::probe

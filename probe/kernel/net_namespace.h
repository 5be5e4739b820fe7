#pragma once

#include <sys/types.h>

#include "probe/kernel/netlink_socket.h"

namespace grayling::probe {

// Opens a netlink socket inside the network namespace of process `pid`; the calling thread is back
// in its own namespace on return. Aborts the program if it cannot go back: going on elsewhere would
// change the wrong interfaces.
Result<NetlinkSocket> OpenNetlinkIn(pid_t pid, int protocol);

}  // namespace grayling::probe

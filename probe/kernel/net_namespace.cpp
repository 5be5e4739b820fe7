#include "probe/kernel/net_namespace.h"

#include <fcntl.h>
#include <sched.h>

#include <cstdlib>
#include <string>

namespace grayling::probe {

Result<NetlinkSocket> OpenNetlinkIn(pid_t pid, int protocol) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
  UniqueFd home(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!home.valid()) return SystemError("cannot open /proc/self/ns/net");
  UniqueFd there(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!there.valid()) return SystemError("cannot open " + path);
  if (setns(there.get(), CLONE_NEWNET) != 0) {
    return SystemError("cannot enter the network namespace of process " + std::to_string(pid));
  }
  Result<NetlinkSocket> socket = NetlinkSocket::Open(protocol);
  if (setns(home.get(), CLONE_NEWNET) != 0) std::abort();
  return socket;
}

}  // namespace grayling::probe

#include "probe/kernel/net_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace grayling::probe {
namespace {

std::string PathOf(pid_t pid) { return "/proc/" + std::to_string(pid) + "/ns/net"; }

Result<NetlinkSocket> OpenNetlinkThrough(const std::string& path, int protocol) {
  UniqueFd home(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!home.valid()) return SystemError("cannot open /proc/self/ns/net");
  UniqueFd there(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!there.valid()) return SystemError("cannot open " + path);
  if (setns(there.get(), CLONE_NEWNET) != 0) {
    return SystemError("cannot enter the network namespace " + path);
  }
  Result<NetlinkSocket> socket = NetlinkSocket::Open(protocol);
  if (setns(home.get(), CLONE_NEWNET) != 0) std::abort();
  return socket;
}

bool IsNamespace(const std::string& path, std::uint64_t number) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && status.st_ino == number;
}

// Empty when there is none.
std::string FindNamespace(std::uint64_t number) {
  using std::filesystem::directory_iterator;
  for (const auto& [folder, rest] :
       {std::pair{"/proc", "/ns/net"}, {"/run/docker/netns", ""}, {"/run/netns", ""}}) {
    std::error_code problem;
    directory_iterator entry(folder, problem);
    for (; !problem && entry != directory_iterator(); entry.increment(problem)) {
      const std::string path = entry->path().string() + rest;
      if (IsNamespace(path, number)) return path;
    }
  }
  return "";
}

}  // namespace

Result<NetlinkSocket> OpenNetlinkIn(pid_t pid, int protocol) {
  return OpenNetlinkThrough(PathOf(pid), protocol);
}

Result<std::uint64_t> NetNamespaceOf(pid_t pid) {
  struct stat status {};
  if (stat(PathOf(pid).c_str(), &status) != 0) {
    return SystemError("cannot read the network namespace of process " + std::to_string(pid));
  }
  return static_cast<std::uint64_t>(status.st_ino);
}

Result<NetlinkSocket> OpenNetlinkInNamespace(std::uint64_t number, int protocol) {
  const std::string path = FindNamespace(number);
  if (path.empty()) return Error{"the network namespace is gone", kNoSuchNamespace};
  return OpenNetlinkThrough(path, protocol);
}

}  // namespace grayling::probe

#include "probe/fault/own_processes.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "probe/fault/container_folder.h"
#include "probe/fault/process_identity.h"
#include "probe/kernel/pause.h"

namespace grayling::probe {
namespace {

constexpr int kPatienceMs = 10000;

ino_t ProcessNamespace(const std::string& process) {
  struct stat about {};
  return stat(("/proc/" + process + "/ns/pid").c_str(), &about) == 0 ? about.st_ino : 0;
}

}  // namespace

std::vector<pid_t> OwnProcesses(const std::string& prefix) {
  const ino_t ours = ProcessNamespace("self");
  std::vector<pid_t> found;
  std::error_code gone;
  for (std::filesystem::directory_iterator at("/proc", gone), end; !gone && at != end;
       at.increment(gone)) {
    const std::string process = at->path().filename().string();
    const pid_t pid = std::atoi(process.c_str());
    if (pid <= 0 || pid == getpid() || CommandName(pid).rfind(prefix, 0) != 0) continue;
    if (ProcessNamespace(process) != ours) continue;
    // A zombie does nothing any more.
    if (ProcessIdentity::Of(pid).IsAlive()) found.push_back(pid);
  }
  return found;
}

Status KillOwnProcesses(const std::string& name) {
  for (int waited_ms = 0; waited_ms < kPatienceMs; waited_ms += 5) {
    bool any = false;
    for (const pid_t pid : OwnProcesses(name)) {
      if (CommandName(pid) != name) continue;
      kill(pid, SIGKILL);
      any = true;
    }
    if (!any) return Done{};
    PauseMs(waited_ms < 50 ? 1 : 5);
  }
  return Error{"processes called " + name + " do not end"};
}

}  // namespace grayling::probe

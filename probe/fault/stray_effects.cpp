#include "probe/fault/stray_effects.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "probe/containers/container_finder.h"
#include "probe/fault/cgroup_children.h"
#include "probe/fault/container_folder.h"
#include "probe/fault/fault_file.h"
#include "probe/fault/keeper_process.h"
#include "probe/fault/own_processes.h"
#include "probe/kernel/files.h"

namespace grayling::probe {
namespace {

constexpr std::size_t kHashDigits = 8;

// "grayl-0123abcd"
bool IsChildName(const std::string& name) {
  const std::string digits = name.substr(std::min(name.size(), sizeof kChildNamePrefix - 1));
  return name.rfind(kChildNamePrefix, 0) == 0 && digits.size() == kHashDigits &&
         digits.find_first_not_of("0123456789abcdef") == std::string::npos;
}

pid_t ParentOf(pid_t pid) {
  Result<std::string> stat = ReadFile("/proc/" + std::to_string(pid) + "/stat");
  if (!stat.ok()) return 0;
  const std::size_t name_end = stat->rfind(')');
  return name_end == std::string::npos ? 0 : std::atoi(stat->c_str() + name_end + 3);
}

void RemoveProcesses(StrayReport& report) {
  for (const pid_t pid : OwnProcesses(kChildNamePrefix)) {
    const std::string name = CommandName(pid);
    // While its keeper lives, the keeper ends it.
    if (!IsChildName(name) || CommandName(ParentOf(pid)) == kKeeperName) continue;
    const std::string what = "process " + std::to_string(pid) + " (" + name + ")";
    if (kill(pid, SIGKILL) == 0) {
      report.removed.push_back(what);
    } else if (errno != ESRCH) {
      report.problems.push_back(SystemError("cannot kill the stray " + what).sentence);
    }
  }
}

// Only root makes such files.
bool IsStray(const UniqueFd& folder, const std::string& name) {
  const UniqueFd file(openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat about {};
  return file.valid() && fstat(file.get(), &about) == 0 && S_ISREG(about.st_mode) &&
         about.st_uid == 0;
}

void RemoveFiles(pid_t container, const std::string& path, StrayReport& report) {
  Result<UniqueFd> folder = OpenFolderOf(container, path);
  if (!folder.ok()) return;  // this container has no such folder
  std::error_code gone;
  for (std::filesystem::directory_iterator
           at("/proc/self/fd/" + std::to_string(folder->get()), gone),
       end;
       !gone && at != end; at.increment(gone)) {
    const std::string name = at->path().filename().string();
    if (name.rfind(kFaultFilePrefix, 0) != 0 || !IsStray(*folder, name)) continue;
    const std::string what = "file " + path + (path == "/" ? "" : "/") + name +
                             " of the container of process " + std::to_string(container);
    if (unlinkat(folder->get(), name.c_str(), 0) == 0) {
      report.removed.push_back(what);
    } else if (errno != ENOENT) {
      report.problems.push_back(SystemError("cannot remove the stray " + what).sentence);
    }
  }
}

}  // namespace

StrayReport RemoveStrays(const std::vector<pid_t>& containers,
                         const std::vector<std::string>& folders) {
  StrayReport report;
  RemoveProcesses(report);
  for (const pid_t container : containers) {
    for (const std::string& folder : folders) RemoveFiles(container, folder, report);
  }
  return report;
}

StrayReport RemoveStraysOfThisMachine(const std::string& docker_socket) {
  std::vector<pid_t> processes;
  Result<std::vector<Container>> containers = ContainerFinder(docker_socket).Find();
  if (containers.ok()) {
    for (const Container& container : *containers) processes.push_back(container.pid);
  }
  return RemoveStrays(processes, {"/", "/tmp", "/var/tmp", "/data"});
}

}  // namespace grayling::probe

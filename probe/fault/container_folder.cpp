#include "probe/fault/container_folder.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "probe/fault/cgroup_children.h"
#include "probe/kernel/files.h"
#include "probe/kernel/kernel_text.h"

namespace grayling::probe {
namespace {

Status CheckPath(const std::string& path) {
  bool fine = !path.empty() && path.front() == '/' && path.size() < 1024 &&
              path.find('\0') == std::string::npos;
  for (const auto& part : std::filesystem::path(path)) fine = fine && part != "..";
  if (fine) return Done{};
  return Error{"the option path is '" + path.substr(0, 80) +
               "'; it must be a folder in the container, absolute and without '..'"};
}

}  // namespace

std::vector<pid_t> ProcessesIn(const std::string& cgroup) {
  std::vector<pid_t> processes;
  const auto add = [&](const std::string& folder) {
    Result<std::string> members = ReadFile(folder + "/cgroup.procs");
    if (!members.ok()) return;
    ForEachNumber(*members,
                  [&](std::uint64_t pid) { processes.push_back(static_cast<pid_t>(pid)); });
  };
  add(cgroup);
  std::error_code gone;
  for (std::filesystem::recursive_directory_iterator at(cgroup, gone), end; !gone && at != end;
       at.increment(gone)) {
    if (at->is_directory(gone) && !gone) add(at->path().string());
  }
  return processes;
}

std::string CommandName(pid_t pid) {
  Result<std::string> name = ReadFile("/proc/" + std::to_string(pid) + "/comm");
  return name.ok() ? name->substr(0, name->find('\n')) : "";
}

Result<pid_t> ProcessOfContainer(const std::string& cgroup, pid_t pid) {
  const std::vector<pid_t> processes = ProcessesIn(cgroup);
  if (pid > 0 && std::find(processes.begin(), processes.end(), pid) != processes.end()) return pid;
  for (const pid_t process : processes) {
    const std::string name = CommandName(process);
    if (!name.empty() && name.rfind(kChildNamePrefix, 0) != 0) return process;
  }
  return Error{"no process of the container runs in " + cgroup};
}

Result<UniqueFd> OpenFolderOf(pid_t pid, const std::string& path) {
  if (Status fine = CheckPath(path); !fine.ok()) return fine.error();
  const std::string link = "/proc/" + std::to_string(pid) + "/root";
  const UniqueFd root(open(link.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return SystemError("cannot see the container's files through " + link);
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  UniqueFd folder(
      static_cast<int>(syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
  if (folder.valid()) return folder;
  return SystemError("there is no folder " + path +
                     " in the container; give one with --option path");
}

}  // namespace grayling::probe

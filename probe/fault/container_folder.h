#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "probe/kernel/result.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {

// Every process of a cgroup and of those beneath it. Empty when it is gone.
std::vector<pid_t> ProcessesIn(const std::string& cgroup);

// /proc/PID/comm; empty when there is no such process.
std::string CommandName(pid_t pid);

// A process of the container, to look at its file system through: `pid` while it is in the cgroup,
// else the first one there that is not ours. An error when the container has none.
Result<pid_t> ProcessOfContainer(const std::string& cgroup, pid_t pid);

// The folder `path` of the file system that a process sees. The path is resolved as that process
// would: a symbolic link, "..", or one of /proc's links never leads out of the container.
Result<UniqueFd> OpenFolderOf(pid_t pid, const std::string& path);

}  // namespace grayling::probe

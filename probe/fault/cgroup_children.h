#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "probe/kernel/result.h"

namespace grayling::probe {

// Processes of ours that live in a container's cgroup and there consume what the fault takes away.
// They die with the process that started them (PR_SET_PDEATHSIG), are the first to go when the
// cgroup runs out of memory, and carry a name made from the fault's id by which any later process
// finds them.
class CgroupChildren {
 public:
  CgroupChildren(std::string cgroup, const std::string& fault_id);

  // Forks a process, moves it into the cgroup, and only then lets it run `work`, which must not
  // return.
  Status Start(const std::function<void()>& work);
  // Error when one has died or has left the cgroup.
  Status AllAlive();
  // CPU time that each has used so far, in nanoseconds, in the order of pids().
  Result<std::vector<std::int64_t>> CpuTimesNs() const;
  // Kills everything of this fault in the cgroup, whoever started it, and waits until it is gone.
  Status KillAll();

  const std::vector<pid_t>& pids() const { return pids_; }
  // At most 15 characters: the kernel's limit on a process's name.
  const std::string& process_name() const { return process_name_; }

 private:
  // Processes in the cgroup that carry our name.
  Result<std::vector<pid_t>> Found() const;

  std::string cgroup_;
  std::string process_name_;
  std::vector<pid_t> pids_;
};

// The part of the name that all such processes share; the exporter leaves them out of its counts.
inline constexpr char kChildNamePrefix[] = "grayl-";

}  // namespace grayling::probe

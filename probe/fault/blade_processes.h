#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "probe/kernel/result.h"

namespace grayling::probe {

// The processes of one ChaosBlade experiment, told by its uid on their command line.
class BladeProcesses {
 public:
  // `cgroup`: the folder of the container's cgroup; empty: the experiment is one on the guest.
  BladeProcesses(std::string uid, std::string cgroup)
      : uid_(std::move(uid)), cgroup_(std::move(cgroup)) {}

  // Those that are where they belong: in the cgroup; for one on the guest, blade's programs
  // (chaos_*) anywhere. Zombies do not count. Empty when the cgroup is gone.
  Result<std::vector<pid_t>> Found() const;
  // Blade's programs with this uid that run outside of the cgroup where they should be.
  Result<std::vector<pid_t>> Strayed() const;
  // Kills what Found() finds, and waits until it is gone.
  Status KillAll() const;

 private:
  bool IsOurs(pid_t pid, bool must_be_blades_program) const;

  std::string uid_;
  std::string cgroup_;
};

// CPU time used so far by all of them together, without their children; those that have ended count
// nothing.
std::int64_t CpuTimeNs(const std::vector<pid_t>& pids);

// "12, 14"
std::string PidList(const std::vector<pid_t>& pids);

// Numbers of a cgroup's processes; empty when it is gone.
Result<std::vector<pid_t>> ProcessesOf(const std::string& cgroup);

// The letter of /proc/PID/stat: R, S, T (stopped), Z; 0 when there is no such process.
char StateOf(pid_t pid);

}  // namespace grayling::probe

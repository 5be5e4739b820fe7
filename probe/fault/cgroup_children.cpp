#include "probe/fault/cgroup_children.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "probe/fault/container_folder.h"
#include "probe/fault/id_hash.h"
#include "probe/kernel/files.h"
#include "probe/kernel/kernel_text.h"
#include "probe/kernel/pause.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {
namespace {

constexpr int kKillPatienceMs = 10000;

[[noreturn]] void RunChild(pid_t parent, const UniqueFd& gate, UniqueFd ready,
                           const std::string& name, const std::function<void()>& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before the line above took effect
  prctl(PR_SET_NAME, name.c_str());
  // Without this the container's own process could be chosen when memory runs out.
  if (!WriteOnce("/proc/self/oom_score_adj", "1000").ok()) _exit(1);
  if (write(ready.get(), "r", 1) != 1) _exit(1);
  ready.Reset();
  char go = 0;
  if (read(gate.get(), &go, 1) != 1) _exit(1);
  close_range(3, ~0U, 0);
  work();
  _exit(1);
}

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Result<Pipe> OpenPipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("cannot open a pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace

CgroupChildren::CgroupChildren(std::string cgroup, const std::string& fault_id)
    : cgroup_(std::move(cgroup)) {
  char name[16];
  std::snprintf(name, sizeof name, "%s%08x", kChildNamePrefix, IdHash(fault_id));
  process_name_ = name;
}

Status CgroupChildren::Start(const std::function<void()>& work) {
  Result<Pipe> gate = OpenPipe();
  if (!gate.ok()) return gate.error();
  Result<Pipe> ready = OpenPipe();
  if (!ready.ok()) return ready.error();
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return SystemError("cannot start a process");
  if (child == 0) {
    gate->write_end.Reset();
    RunChild(parent, gate->read_end, std::move(ready->write_end), process_name_, work);
  }
  // Before it enters the cgroup it must carry its name, or nobody would find it there.
  ready->write_end.Reset();
  char named = 0;
  Status moved = read(ready->read_end.get(), &named, 1) == 1
                     ? WriteOnce(cgroup_ + "/cgroup.procs", std::to_string(child))
                     : Status(Error{"a load process died at its start"});
  if (!moved.ok()) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return Error{"cannot enter the container's cgroup: " + moved.error().sentence};
  }
  pids_.push_back(child);
  if (write(gate->write_end.get(), "g", 1) != 1) return SystemError("cannot release a process");
  return Done{};
}

Result<std::vector<pid_t>> CgroupChildren::Found() const {
  Result<std::string> members = ReadFile(cgroup_ + "/cgroup.procs");
  if (!members.ok()) {
    const bool gone = members.error().code == ENOENT || members.error().code == ENODEV;
    if (gone) return std::vector<pid_t>();
    return members.error();
  }
  std::vector<pid_t> found;
  ForEachNumber(*members, [&](std::uint64_t number) {
    const auto pid = static_cast<pid_t>(number);
    if (CommandName(pid) == process_name_) found.push_back(pid);
  });
  return found;
}

Status CgroupChildren::AllAlive() {
  Result<std::vector<pid_t>> found = Found();
  if (!found.ok()) return found.error();
  if (found->size() >= pids_.size()) return Done{};
  return Error{std::to_string(pids_.size() - found->size()) + " of " +
               std::to_string(pids_.size()) + " load processes died or left " + cgroup_};
}

Result<std::vector<std::int64_t>> CgroupChildren::CpuTimesNs() const {
  std::vector<std::int64_t> times;
  for (const pid_t pid : pids_) {
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) {
      return Error{"a load process died at its start"};
    }
    times.push_back(std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec);
  }
  return times;
}

Status CgroupChildren::KillAll() {
  for (int waited_ms = 0; waited_ms < kKillPatienceMs; waited_ms += 5) {
    Result<std::vector<pid_t>> found = Found();
    if (!found.ok()) return found.error();
    for (const pid_t pid : *found) kill(pid, SIGKILL);
    for (const pid_t pid : pids_) waitpid(pid, nullptr, WNOHANG);
    if (found->empty()) return Done{};
    PauseMs(waited_ms < 50 ? 1 : 5);
  }
  return Error{"load processes of this fault still run in " + cgroup_};
}

}  // namespace grayling::probe

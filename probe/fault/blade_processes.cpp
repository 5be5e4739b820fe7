#include "probe/fault/blade_processes.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <filesystem>

#include "probe/kernel/files.h"
#include "probe/kernel/kernel_text.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {
namespace {

constexpr int kKillPatienceMs = 5000;
constexpr char kProgramPrefix[] = "chaos_";  // chaos_os; chaos_burncpu ... of older versions

void SleepMs(int milliseconds) {
  const timespec pause{milliseconds / 1000, (milliseconds % 1000) * 1'000'000L};
  nanosleep(&pause, nullptr);
}

std::vector<pid_t> AllProcesses() {
  std::vector<pid_t> pids;
  std::error_code problem;
  std::filesystem::directory_iterator entry("/proc", problem);
  const std::filesystem::directory_iterator end;
  for (; !problem && entry != end; entry.increment(problem)) {
    const std::string name = entry->path().filename();
    pid_t pid = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && stop == name.data() + name.size()) pids.push_back(pid);
  }
  return pids;
}

}  // namespace

Result<std::vector<pid_t>> ProcessesOf(const std::string& cgroup) {
  std::vector<pid_t> pids;
  Result<std::string> members = ReadFile(cgroup + "/cgroup.procs");
  if (!members.ok()) {
    if (members.error().code == ENOENT || members.error().code == ENODEV) return pids;
    return members.error();
  }
  ForEachNumber(*members,
                [&](std::uint64_t number) { pids.push_back(static_cast<pid_t>(number)); });
  return pids;
}

char StateOf(pid_t pid) {
  Result<std::string> stat = ReadFile("/proc/" + std::to_string(pid) + "/stat");
  if (!stat.ok()) return 0;
  // The name in parentheses may itself hold parentheses.
  const std::size_t name_end = stat->rfind(") ");
  return name_end == std::string::npos || name_end + 2 >= stat->size() ? 0 : (*stat)[name_end + 2];
}

bool BladeProcesses::IsOurs(pid_t pid, bool must_be_blades_program) const {
  Result<std::string> line = ReadFile("/proc/" + std::to_string(pid) + "/cmdline");
  if (!line.ok() || line->find(uid_) == std::string::npos) return false;
  const char state = StateOf(pid);
  if (state == 0 || state == 'Z' || state == 'X') return false;
  if (!must_be_blades_program) return true;
  const std::string program = line->substr(0, line->find('\0'));
  return program.substr(program.rfind('/') + 1).rfind(kProgramPrefix, 0) == 0;
}

Result<std::vector<pid_t>> BladeProcesses::Found() const {
  const bool on_guest = cgroup_.empty();
  Result<std::vector<pid_t>> candidates =
      on_guest ? Result<std::vector<pid_t>>(AllProcesses()) : ProcessesOf(cgroup_);
  if (!candidates.ok()) return candidates;
  std::vector<pid_t> found;
  for (const pid_t pid : *candidates) {
    if (IsOurs(pid, on_guest)) found.push_back(pid);
  }
  return found;
}

Result<std::vector<pid_t>> BladeProcesses::Strayed() const {
  std::vector<pid_t> strayed;
  if (cgroup_.empty()) return strayed;
  Result<std::vector<pid_t>> inside = Found();
  if (!inside.ok()) return inside;
  for (const pid_t pid : AllProcesses()) {
    const bool is_inside = std::find(inside->begin(), inside->end(), pid) != inside->end();
    if (!is_inside && IsOurs(pid, true)) strayed.push_back(pid);
  }
  return strayed;
}

Status BladeProcesses::KillAll() const {
  for (int waited = 0; waited < kKillPatienceMs; waited += 10) {
    Result<std::vector<pid_t>> found = Found();
    if (!found.ok()) return found.error();
    if (found->empty()) return Done{};
    for (const pid_t pid : *found) {
      const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
      // Checked after the descriptor is held: from here on it cannot be a stranger.
      if (!process.valid() || !IsOurs(pid, cgroup_.empty())) continue;
      syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
    }
    SleepMs(10);
  }
  return Error{"blade's processes do not end though they were killed"};
}

std::int64_t CpuTimeNs(const std::vector<pid_t>& pids) {
  std::int64_t total = 0;
  for (const pid_t pid : pids) {
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) continue;
    total += std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
  }
  return total;
}

std::string PidList(const std::vector<pid_t>& pids) {
  std::string text;
  for (const pid_t pid : pids) text += (text.empty() ? "" : ", ") + std::to_string(pid);
  return text;
}

}  // namespace grayling::probe

#include "probe/fault/standstill.h"

#include <signal.h>

#include <algorithm>

#include "probe/fault/cgroup_children.h"
#include "probe/fault/container_folder.h"
#include "probe/kernel/files.h"
#include "probe/kernel/kernel_text.h"

namespace grayling::probe {
namespace {

bool IsStopped(pid_t pid) {
  Result<std::string> stat = ReadFile("/proc/" + std::to_string(pid) + "/stat");
  if (!stat.ok()) return false;
  const std::size_t name_end = stat->rfind(')');
  return name_end != std::string::npos && name_end + 2 < stat->size() &&
         (*stat)[name_end + 2] == 'T';
}

// A zombie stands still for ever, and does no harm.
bool IsZombie(pid_t pid) {
  Result<std::string> stat = ReadFile("/proc/" + std::to_string(pid) + "/stat");
  return !stat.ok() || !StartTicks(*stat);
}

}  // namespace

Status CgroupFreezer::Write(const char* value) const {
  return WriteOnce(cgroup_ + "/cgroup.freeze", value);
}

int CgroupFreezer::Frozen() const {
  Result<std::string> events = ReadFile(cgroup_ + "/cgroup.events");
  if (!events.ok()) return -1;
  return static_cast<int>(FlatKeyed(*events, "frozen").value_or(0));
}

std::vector<pid_t> ProcessSignals::Processes() const {
  std::vector<pid_t> processes = ProcessesIn(cgroup_);
  processes.erase(std::remove_if(processes.begin(), processes.end(),
                                 [this](pid_t pid) {
                                   return spared_.count(pid) != 0 ||
                                          CommandName(pid).rfind(kChildNamePrefix, 0) == 0 ||
                                          IsZombie(pid);
                                 }),
                  processes.end());
  return processes;
}

Status ProcessSignals::Stop() {
  const std::vector<pid_t> processes = Processes();
  for (const pid_t pid : processes) kill(pid, SIGSTOP);
  if (processes.empty()) return Error{"no process of the container runs in " + cgroup_};
  return Done{};
}

Status ProcessSignals::Go() {
  for (const pid_t pid : Processes()) kill(pid, SIGCONT);
  return Done{};
}

bool ProcessSignals::Stands() const {
  const std::vector<pid_t> processes = Processes();
  return !processes.empty() && std::all_of(processes.begin(), processes.end(), IsStopped);
}

bool ProcessSignals::Goes() const {
  const std::vector<pid_t> processes = Processes();
  return std::none_of(processes.begin(), processes.end(), IsStopped);
}

std::set<pid_t> ProcessSignals::Stopped(const std::string& cgroup) {
  std::set<pid_t> stopped;
  for (const pid_t pid : ProcessesIn(cgroup)) {
    if (IsStopped(pid)) stopped.insert(pid);
  }
  return stopped;
}

}  // namespace grayling::probe

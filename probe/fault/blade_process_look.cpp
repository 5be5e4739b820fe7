#include "probe/fault/blade_process_look.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <sstream>

#include "probe/fault/blade_processes.h"
#include "probe/kernel/files.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {
namespace {

constexpr char kVictims[] = "blade.victims";
constexpr int kPatienceMs = 3000;
constexpr int kPauseMs = 20;

std::string NameOf(pid_t pid) {
  Result<std::string> name = ReadFile("/proc/" + std::to_string(pid) + "/comm");
  return name.ok() ? name->substr(0, name->find('\n')) : "";
}

}  // namespace

BladeProcessLook::BladeProcessLook(const FaultOrder& order, const BladeLine& line)
    : is_stop_(line.action == "stop"), cgroup_(order.cgroup), name_(line.Flag("process")) {
  std::istringstream words(order.Earlier(kVictims));
  ProcessIdentity one;
  while (words >> one.pid >> one.start_ticks) victims_.push_back(one);
}

Result<std::map<std::string, std::string>> BladeProcessLook::ReadEarlier() {
  Result<std::vector<pid_t>> pids = ProcessesOf(cgroup_);
  if (!pids.ok()) return pids.error();
  std::string victims;
  for (const pid_t pid : *pids) {
    if (NameOf(pid) != name_) continue;
    const ProcessIdentity one = ProcessIdentity::Of(pid);
    victims += std::to_string(one.pid) + " " + std::to_string(one.start_ticks) + " ";
  }
  if (victims.empty()) return Error{"no process of the service is called '" + name_ + "'"};
  return std::map<std::string, std::string>{{kVictims, victims}};
}

std::vector<ProcessIdentity> BladeProcessLook::Standing() const {
  std::vector<ProcessIdentity> standing;
  for (const ProcessIdentity& one : victims_) {
    if (one.IsAlive() && StateOf(one.pid) == 'T') standing.push_back(one);
  }
  return standing;
}

std::size_t BladeProcessLook::CountHit() const {
  if (is_stop_) return Standing().size();
  return static_cast<std::size_t>(std::count_if(
      victims_.begin(), victims_.end(), [](const ProcessIdentity& one) { return !one.IsAlive(); }));
}

Result<ReadBack> BladeProcessLook::WaitUntilThere() {
  const timespec pause{0, kPauseMs * 1'000'000L};
  for (int waited = 0; waited < kPatienceMs; waited += kPauseMs) {
    if (CountHit() == victims_.size()) {
      return ReadBack{std::to_string(victims_.size()) + " processes '" + name_ + "' " +
                          (is_stop_ ? "stand" : "ended; blade does not start them again"),
                      {{"processes", static_cast<double>(victims_.size())}}};
    }
    nanosleep(&pause, nullptr);
  }
  return Error{"only " + std::to_string(CountHit()) + " of " + std::to_string(victims_.size()) +
               " processes '" + name_ + (is_stop_ ? "' stand" : "' ended") +
               " (a container's first process cannot be hit from inside)"};
}

Status BladeProcessLook::StillThere() {
  // The service may well have ended or started again by now; a stopped one must not run.
  if (!is_stop_ || !Standing().empty()) return Done{};
  return Error{"the processes that blade stopped run again before their time"};
}

Result<std::string> BladeProcessLook::Residue() {
  std::string text;
  if (!is_stop_) return text;
  for (const ProcessIdentity& one : Standing()) {
    text += (text.empty() ? "standing processes: " : ", ") + std::to_string(one.pid);
  }
  return text;
}

Status BladeProcessLook::CleanUp() {
  for (const ProcessIdentity& one : Standing()) {
    const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, one.pid, 0)));
    if (!process.valid() || !one.IsAlive()) continue;
    syscall(SYS_pidfd_send_signal, process.get(), SIGCONT, nullptr, 0);
  }
  return Done{};
}

}  // namespace grayling::probe

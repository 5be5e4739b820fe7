#include "probe/fault/process_kill.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "probe/fault/cgroup_children.h"
#include "probe/fault/container_folder.h"
#include "probe/kernel/files.h"
#include "probe/kernel/pause.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {
namespace {

constexpr std::size_t kLongestCommand = 15;  // what the kernel keeps of a process's name
constexpr int kKillPatienceMs = 5000;
constexpr int kOtherPatienceMs = 500;
constexpr int kNoticePatienceMs = 3000;
constexpr std::int64_t kRunPatienceNs = 15'000'000'000;

int SignalNumber(const std::string& name) {
  if (name == "TERM") return SIGTERM;
  if (name == "INT") return SIGINT;
  if (name == "HUP") return SIGHUP;
  if (name == "USR1") return SIGUSR1;
  return SIGKILL;
}

std::string LineOf(const std::string& status, const std::string& key) {
  std::istringstream lines(status);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(key + ":", 0) == 0) return line.substr(key.size() + 1);
  }
  return "";
}

bool IsInSet(const std::string& hexadecimal, int signal_number) {
  return (std::strtoull(hexadecimal.c_str(), nullptr, 16) >> (signal_number - 1) & 1U) != 0;
}

}  // namespace

bool Ignores(const std::string& status, int signal_number) {
  if (signal_number == SIGKILL) return false;
  if (IsInSet(LineOf(status, "SigIgn"), signal_number)) return true;
  std::istringstream numbers(LineOf(status, "NSpid"));
  int innermost = 0;
  while (numbers >> innermost) {
  }
  return innermost == 1 && !IsInSet(LineOf(status, "SigCgt"), signal_number);
}

ProcessKill::ProcessKill(FaultOrder order, std::string docker_socket)
    : order_(std::move(order)), docker_socket_(std::move(docker_socket)) {}

Result<pid_t> ProcessKill::Find(const std::string& name) const {
  if (name.empty()) return ProcessOfContainer(order_.cgroup, order_.pid);
  for (const pid_t pid : ProcessesIn(order_.cgroup)) {
    const std::string command = CommandName(pid);
    const bool is_ours = command.rfind(kChildNamePrefix, 0) == 0;
    if (!is_ours && command == name.substr(0, kLongestCommand)) return pid;
  }
  return Error{"no process called '" + name + "' runs in the container"};
}

Result<ContainerState> ProcessKill::AskDocker() const {
  Result<std::string> answer =
      DockerGet(docker_socket_, "/containers/" + order_.container + "/json");
  if (!answer.ok()) return answer.error();
  return ParseContainerState(*answer);
}

Result<std::map<std::string, std::string>> ProcessKill::ReadEarlier() {
  if (order_.container.empty()) {
    return Error{"process.kill needs --container ID, to start it again at the end"};
  }
  Result<ContainerState> state = AskDocker();
  if (!state.ok()) return state.error();
  if (!state->running || state->pid <= 0) return Error{"the container does not run"};
  if (state->removed_when_stopped) {
    return Error{
        "Docker removes this container when it stops (--rm), so it could not run again; start it "
        "without --rm"};
  }
  Result<pid_t> target = Find(order_.Option("process"));
  if (!target.ok()) return target.error();
  const ProcessIdentity identity = ProcessIdentity::Of(*target);
  return std::map<std::string, std::string>{{"pid", std::to_string(identity.pid)},
                                            {"start_ticks", std::to_string(identity.start_ticks)}};
}

Result<ReadBack> ProcessKill::Apply() {
  const ProcessIdentity target{std::atoi(order_.Earlier("pid").c_str()),
                               std::strtoull(order_.Earlier("start_ticks").c_str(), nullptr, 10)};
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, target.pid, 0)));
  // The identity is checked after the descriptor is held: from here on it cannot be a stranger.
  if (!process.valid() || !target.IsAlive()) return Error{"the process ended by itself"};
  const std::string signal_name = order_.Option("signal");
  const int number = SignalNumber(signal_name);
  const std::string command = CommandName(target.pid);
  Result<std::string> status = ReadFile("/proc/" + std::to_string(target.pid) + "/status");
  if (status.ok() && Ignores(*status, number)) {
    return Error{command + " (process " + std::to_string(target.pid) + ") ignores SIG" +
                 signal_name + "; use the signal KILL"};
  }
  if (syscall(SYS_pidfd_send_signal, process.get(), number, nullptr, 0) != 0) {
    return SystemError("cannot send SIG" + signal_name + " to " + command);
  }
  pollfd waiting{process.get(), POLLIN, 0};
  const bool ended = poll(&waiting, 1, number == SIGKILL ? kKillPatienceMs : kOtherPatienceMs) == 1;
  if (number == SIGKILL && !ended) return Error{command + " did not end after SIGKILL"};
  return ReadBack{"SIG" + signal_name + " to " + command + " (process " +
                      std::to_string(target.pid) + "), which " + (ended ? "ended" : "still runs"),
                  {{"ended", ended ? 1 : 0}}};
}

Status ProcessKill::Revert() {
  if (order_.earlier.empty()) return Done{};  // not recorded, so nothing was done
  Result<bool> runs = Runs();
  if (!runs.ok()) {
    // Somebody removed the container: nothing of it can be left.
    return runs.error().code == ENOENT ? Status(Done{}) : Status(runs.error());
  }
  if (!*runs) return Restart("start");
  const std::string name = order_.Option("process");
  // One of several processes may have nobody who starts it again.
  return name.empty() || Find(name).ok() ? Status(Done{}) : Restart("restart");
}

Result<bool> ProcessKill::Runs() const {
  for (int waited_ms = 0; waited_ms < kNoticePatienceMs; waited_ms += 20) {
    Result<ContainerState> state = AskDocker();
    if (!state.ok()) return state.error();
    if (!state->running) return false;
    // Docker takes its time to notice a death, and has no process while it restarts one.
    if (state->pid > 0 && ProcessIdentity::Of(state->pid).IsAlive()) return true;
    PauseMs(20);
  }
  return false;
}

Status ProcessKill::Restart(const std::string& verb) const {
  Status asked = DockerPost(docker_socket_, "/containers/" + order_.container + "/" + verb);
  if (!asked.ok()) return Error{"the container was not started again: " + asked.error().sentence};
  const std::int64_t latest_ns = MonotonicNs() + kRunPatienceNs;
  while (MonotonicNs() < latest_ns) {
    Result<bool> runs = Runs();
    if (!runs.ok()) return runs.error();
    if (*runs) return Done{};
    PauseMs(50);
  }
  return Error{"Docker took the order to start the container again, yet it does not run"};
}

}  // namespace grayling::probe

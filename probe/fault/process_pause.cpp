#include "probe/fault/process_pause.h"

#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "probe/fault/cgroup_children.h"
#include "probe/fault/intensity.h"
#include "probe/fault/own_processes.h"
#include "probe/kernel/files.h"
#include "probe/kernel/pause.h"

namespace grayling::probe {
namespace {

constexpr char kFreeze[] = "cgroup.freeze";
constexpr char kStopped[] = "stopped";
constexpr std::int64_t kMsNs = 1'000'000;
// How soon a new duty is noticed.
constexpr std::int64_t kLongestNapNs = 50 * kMsNs;
constexpr int kThawPatienceMs = 3000;
constexpr int kStandstillPatienceMs = 5000;

std::set<pid_t> Pids(const std::string& words) {
  std::set<pid_t> pids;
  std::istringstream input(words);
  for (pid_t pid = 0; input >> pid;) pids.insert(pid);
  return pids;
}

void NapUntil(std::int64_t until_ns) {
  PauseUntilNs(std::min(until_ns, MonotonicNs() + kLongestNapNs));
}

}  // namespace

void PaceForEver(Standstill& standstill, PauseState& state, std::int64_t period_ns) {
  const auto stand_ns = [&] {
    return static_cast<std::int64_t>(state.duty * static_cast<double>(period_ns));
  };
  std::int64_t start_ns = MonotonicNs();
  while (true) {
    bool seen = false;
    while (MonotonicNs() < start_ns + stand_ns()) {
      // Again and again, for processes that have come meanwhile.
      if (!standstill.Stop().ok()) _exit(1);
      if (!seen && standstill.Stands()) {
        seen = true;
        ++state.standstills_seen;
      }
      NapUntil(seen ? start_ns + stand_ns() : MonotonicNs() + kMsNs);
    }
    const bool goes_on = stand_ns() < period_ns;
    if (goes_on && !standstill.Go().ok()) _exit(1);
    const std::int64_t end_ns = start_ns + period_ns;
    while (MonotonicNs() < end_ns && MonotonicNs() >= start_ns + stand_ns()) NapUntil(end_ns);
    if (MonotonicNs() < end_ns) continue;  // the duty has grown within the period
    // A late period must not shift the grid, a long stop of ours must not be caught up.
    start_ns = std::max(end_ns, MonotonicNs() - period_ns);
  }
}

ProcessPause::ProcessPause(FaultOrder order)
    : order_(std::move(order)), pacer_name_(CgroupChildren("", order_.id).process_name()) {}

std::unique_ptr<Standstill> ProcessPause::Method() const {
  if (UsesFreezer()) return std::make_unique<CgroupFreezer>(order_.cgroup);
  return std::make_unique<ProcessSignals>(order_.cgroup, Pids(order_.Earlier(kStopped)));
}

Result<std::map<std::string, std::string>> ProcessPause::ReadEarlier() {
  if (UsesFreezer()) {
    Result<std::string> earlier = ReadFile(order_.cgroup + "/" + kFreeze);
    if (!earlier.ok()) return earlier.error();
    return std::map<std::string, std::string>{{kFreeze, *earlier}};
  }
  std::string stopped;
  for (const pid_t pid : ProcessSignals::Stopped(order_.cgroup)) {
    stopped += std::to_string(pid) + " ";
  }
  return std::map<std::string, std::string>{{kStopped, stopped}};
}

Result<ReadBack> ProcessPause::Apply() {
  if (UsesFreezer() && order_.Earlier(kFreeze).rfind('1', 0) == 0) {
    return Error{"the container is paused already; let it go on first (docker unpause)"};
  }
  Result<SharedMemory<PauseState>> state = SharedMemory<PauseState>::Make();
  if (!state.ok()) return state.error();
  state_ = std::move(*state);
  const double share = FirstShare(order_);
  static_cast<void>(SetShare(share));
  if (Status started = StartPacer(); !started.ok()) return started.error();
  if (share > 0) {
    if (Status stood = WaitForOneStandstill(); !stood.ok()) return stood.error();
  }
  if (Status alive = StillThere(); !alive.ok()) return alive.error();
  const double period_ms = order_.Parameter("period_ms");
  const double duty_percent = 100 * state_->duty;
  const std::uint64_t seen = state_->standstills_seen;
  char text[128];
  std::snprintf(text, sizeof text, "stands still for %.4g percent of each %g ms; seen %llu times",
                duty_percent, period_ms, static_cast<unsigned long long>(seen));
  return ReadBack{text,
                  {{"duty_percent", duty_percent},
                   {"period_ms", period_ms},
                   {"standstills", static_cast<double>(seen)}}};
}

Status ProcessPause::StartPacer() {
  const pid_t keeper = getpid();
  pacer_ = fork();
  if (pacer_ < 0) return SystemError("cannot start the pacing process");
  if (pacer_ > 0) return Done{};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != keeper) _exit(1);  // it died before the line above took effect
  prctl(PR_SET_NAME, pacer_name_.c_str());
  close_range(3, ~0U, 0);
  PaceForEver(*Method(), *state_, std::llround(order_.Parameter("period_ms") * kMsNs));
}

Status ProcessPause::WaitForOneStandstill() const {
  for (int waited_ms = 0; waited_ms < kStandstillPatienceMs; waited_ms += 2) {
    if (state_->standstills_seen > 0) return Done{};
    PauseMs(2);
  }
  return Error{"the container's processes did not come to a standstill within 5 seconds"};
}

Status ProcessPause::SetShare(double share) {
  state_->duty = IntensityOf(order_, share) / 100;
  return Done{};
}

Status ProcessPause::StillThere() {
  if (waitpid(pacer_, nullptr, WNOHANG) == 0) return Done{};
  return Error{"the process that paces the standstills died"};
}

Status ProcessPause::Revert() {
  // First: it would stop the container again after we let it go.
  if (Status killed = KillOwnProcesses(pacer_name_); !killed.ok()) return killed;
  if (order_.earlier.empty() || order_.Earlier(kFreeze).rfind('1', 0) == 0) return Done{};
  const std::unique_ptr<Standstill> method = Method();
  for (int waited_ms = 0; waited_ms < kThawPatienceMs; waited_ms += 2) {
    Status gone_on = method->Go();
    const bool is_gone =
        !gone_on.ok() && (gone_on.error().code == ENOENT || gone_on.error().code == ENODEV);
    if (is_gone) return Done{};
    if (gone_on.ok() && method->Goes()) return Done{};
    PauseMs(2);
  }
  return Error{"processes of the container still stand still in " + order_.cgroup};
}

}  // namespace grayling::probe

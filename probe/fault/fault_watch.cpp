#include "probe/fault/fault_watch.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace grayling::probe {
namespace {

constexpr std::int64_t kCheckPeriodNs = 1'000'000'000;
constexpr char kContainerStopped[] = "the container stopped";

UniqueFd EndRequests() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  return UniqueFd(signalfd(-1, &ends, SFD_CLOEXEC));
}

int MillisecondsUntil(std::int64_t boot_time_ns) {
  return static_cast<int>(std::max<std::int64_t>(0, boot_time_ns - BootTimeNs()) / 1'000'000 + 1);
}

}  // namespace

std::string FaultWatch::UntilItEnds(std::int64_t start_ns) {
  const std::int64_t duration_ns = order_.ttl_ms * 1'000'000;
  const UniqueFd request = EndRequests();
  Result<BootTimer> end = BootTimer::Open();
  if (!request.valid() || !end.ok() || !end->Set(start_ns + duration_ns).ok()) {
    return "its timer could not be set";
  }
  Result<ShapePace> pace = ShapePace::Start(order_.shape, start_ns, duration_ns);
  if (!pace.ok()) return pace.error().sentence;
  UniqueFd container;
  if (order_.pid > 0 && effect_.EndsWithItsContainer()) {
    container = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, order_.pid, 0)));
    if (!container.valid()) return kContainerStopped;
  }
  pollfd waiting[] = {{request.get(), POLLIN, 0},
                      {end->fd(), POLLIN, 0},
                      {container.get(), POLLIN, 0},  // -1 is skipped by poll
                      {pace->fd(), POLLIN, 0}};
  std::int64_t next_check_ns = BootTimeNs() + kCheckPeriodNs;
  while (true) {
    if (poll(waiting, 4, MillisecondsUntil(next_check_ns)) < 0) continue;
    if (waiting[0].revents != 0 || waiting[1].revents != 0) return "";
    if (waiting[2].revents != 0) return kContainerStopped;
    if (waiting[3].revents != 0) {
      if (Status moved = Move(*pace); !moved.ok()) return moved.error().sentence;
    }
    if (BootTimeNs() >= next_check_ns) {
      if (Status checked = Check(); !checked.ok()) return checked.error().sentence;
      next_check_ns = BootTimeNs() + kCheckPeriodNs;
    }
  }
}

Status FaultWatch::Check() {
  if (Status wanted = still_wanted_(); !wanted.ok()) return wanted;
  return effect_.StillThere();
}

Status FaultWatch::Move(ShapePace& pace) {
  Result<double> share = pace.Move();
  if (!share.ok()) return share.error();
  return effect_.SetShare(*share);
}

}  // namespace grayling::probe

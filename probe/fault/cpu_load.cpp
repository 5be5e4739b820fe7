#include "probe/fault/cpu_load.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace grayling::probe {
namespace {

constexpr std::int64_t kPeriodNs = 20'000'000;
constexpr std::int64_t kProofNs = 4'000'000;  // CPU time after which a process counts as burning
constexpr int kProofPatienceMs = 5000;

std::int64_t Now(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void SleepNs(std::int64_t nanoseconds) {
  const timespec pause{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  nanosleep(&pause, nullptr);
}

void Spin() {
  volatile std::uint32_t mixed = 1;
  for (int round = 0; round < 2000; ++round) mixed = mixed * 1664525U + 1013904223U;
}

}  // namespace

void BurnForEver(double duty) {
  const auto share_ns = static_cast<std::int64_t>(duty * kPeriodNs);
  std::int64_t period_start = Now(CLOCK_MONOTONIC);
  std::int64_t goal = Now(CLOCK_PROCESS_CPUTIME_ID);
  while (true) {
    const std::int64_t used = Now(CLOCK_PROCESS_CPUTIME_ID);
    goal = std::max(goal, used - share_ns) + share_ns;
    goal = std::min(goal, used + 2 * share_ns);
    const std::int64_t period_end = period_start + kPeriodNs;
    while (Now(CLOCK_PROCESS_CPUTIME_ID) < goal && Now(CLOCK_MONOTONIC) < period_end) Spin();
    const std::int64_t now = Now(CLOCK_MONOTONIC);
    if (now < period_end) SleepNs(period_end - now);
    // A late wake-up must not shift the grid, a stopped process must not catch up.
    period_start = std::max(period_end, Now(CLOCK_MONOTONIC) - kPeriodNs);
  }
}

CpuLoad::CpuLoad(const FaultOrder& order)
    : percent_(order.Parameter("percent")), children_(order.cgroup, order.id) {}

Result<ReadBack> CpuLoad::Apply() {
  const int count = std::max(1, static_cast<int>(std::ceil(percent_ / 100)));
  const double duty = percent_ / 100 / count;
  for (int i = 0; i < count; ++i) {
    if (Status started = children_.Start([duty] { BurnForEver(duty); }); !started.ok()) {
      return started.error();
    }
  }
  std::int64_t least = 0;
  for (int waited_ms = 0; least < kProofNs; waited_ms += 2) {
    if (waited_ms >= kProofPatienceMs) {
      return Error{"the load processes get no CPU time in the container's cgroup"};
    }
    SleepNs(2'000'000);
    Result<std::int64_t> used = children_.LeastCpuTimeNs();
    if (!used.ok()) return used.error();
    least = *used;
  }
  if (Status alive = children_.AllAlive(); !alive.ok()) return alive.error();
  char text[96];
  std::snprintf(text, sizeof text, "cpu load %g percent of a core by %d process%s in the cgroup",
                percent_, count, count == 1 ? "" : "es");
  return ReadBack{text,
                  {{"percent", percent_},
                   {"processes", count},
                   {"cpu_ms_at_proof", static_cast<double>(least) / 1e6}}};
}

}  // namespace grayling::probe

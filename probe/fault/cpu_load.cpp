#include "probe/fault/cpu_load.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <numeric>

#include "probe/fault/intensity.h"

namespace grayling::probe {
namespace {

constexpr std::int64_t kPeriodNs = 20'000'000;
constexpr std::int64_t kStartedNs = 4'000'000;  // CPU time after which a process counts as burning
constexpr int kStartPatienceMs = 5000;
constexpr std::int64_t kProofNs = 3 * kPeriodNs;
// One window may fall into the pause of a container's quota (100 ms as a rule): a poor result is
// measured on, over several of them, before it counts.
constexpr std::int64_t kLongestProofNs = 10 * kProofNs;

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

void BurnForEver(const std::atomic<double>& duty) {
  std::int64_t period_start = Now(CLOCK_MONOTONIC);
  std::int64_t goal = Now(CLOCK_PROCESS_CPUTIME_ID);
  while (true) {
    const auto share_ns = static_cast<std::int64_t>(duty * kPeriodNs);
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

bool IsEnoughLoad(double asked_percent, double measured_percent) {
  return measured_percent >= asked_percent / 2;
}

CpuLoad::CpuLoad(const FaultOrder& order)
    : order_(order),
      processes_(std::max(1, static_cast<int>(std::ceil(order.Parameter("percent") / 100)))),
      children_(order.cgroup, order.id) {}

Result<ReadBack> CpuLoad::Apply() {
  const double share = FirstShare(order_);
  const double percent = IntensityOf(order_, share);
  Result<SharedMemory<std::atomic<double>>> duty = SharedMemory<std::atomic<double>>::Make();
  if (!duty.ok()) return duty.error();
  duty_ = std::move(*duty);
  static_cast<void>(SetShare(share));
  for (int i = 0; i < processes_; ++i) {
    Status started = children_.Start([this] { BurnForEver(*duty_); });
    if (!started.ok()) return started.error();
  }
  double measured = 0;
  if (percent > 0) {
    if (Status burning = WaitUntilAllBurn(); !burning.ok()) return burning.error();
    Result<double> got = MeasurePercent(percent);
    if (!got.ok()) return got.error();
    measured = *got;
  }
  if (Status alive = children_.AllAlive(); !alive.ok()) return alive.error();
  char text[96];
  if (!IsEnoughLoad(percent, measured)) {
    std::snprintf(text, sizeof text, "%g percent of a core asked, %.0f measured; ask for less",
                  percent, measured);
    return Error{std::string("the guest has no CPU left for this load: ") + text};
  }
  std::snprintf(text, sizeof text, "cpu load %g percent of a core asked, %.0f measured", percent,
                measured);
  return ReadBack{
      text, {{"percent", percent}, {"percent_measured", measured}, {"processes", processes_}}};
}

Status CpuLoad::WaitUntilAllBurn() const {
  const auto enough_ns = std::min(kStartedNs, static_cast<std::int64_t>(*duty_ * 2 * kPeriodNs));
  for (int waited_ms = 0; waited_ms < kStartPatienceMs; waited_ms += 2) {
    Result<std::vector<std::int64_t>> used = children_.CpuTimesNs();
    if (!used.ok()) return used.error();
    if (*std::min_element(used->begin(), used->end()) >= enough_ns) return Done{};
    SleepNs(2'000'000);
  }
  return Error{"the load processes get no CPU time in the container's cgroup"};
}

Result<std::int64_t> CpuLoad::TotalCpuTimeNs() const {
  Result<std::vector<std::int64_t>> used = children_.CpuTimesNs();
  if (!used.ok()) return used.error();
  return std::accumulate(used->begin(), used->end(), std::int64_t{0});
}

Result<double> CpuLoad::MeasurePercent(double percent) const {
  Result<std::int64_t> at_start = TotalCpuTimeNs();
  if (!at_start.ok()) return at_start.error();
  const std::int64_t start = Now(CLOCK_MONOTONIC);
  while (true) {
    SleepNs(kProofNs);
    Result<std::int64_t> used = TotalCpuTimeNs();
    if (!used.ok()) return used.error();
    const std::int64_t elapsed = Now(CLOCK_MONOTONIC) - start;
    const double measured =
        100.0 * static_cast<double>(*used - *at_start) / static_cast<double>(elapsed);
    if (IsEnoughLoad(percent, measured) || elapsed >= kLongestProofNs) return measured;
  }
}

Status CpuLoad::SetShare(double share) {
  *duty_ = IntensityOf(order_, share) / 100 / processes_;
  return Done{};
}

}  // namespace grayling::probe

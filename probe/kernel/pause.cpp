#include "probe/kernel/pause.h"

#include <cerrno>
#include <ctime>

namespace grayling::probe {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

}  // namespace

void PauseNs(std::int64_t nanoseconds) {
  const timespec pause{nanoseconds / kSecondNs, nanoseconds % kSecondNs};
  nanosleep(&pause, nullptr);
}

std::int64_t MonotonicNs() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * kSecondNs + time.tv_nsec;
}

void PauseUntilNs(std::int64_t monotonic_ns) {
  const timespec until{monotonic_ns / kSecondNs, monotonic_ns % kSecondNs};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

}  // namespace grayling::probe

#include "probe/kernel/boot_timer.h"

#include <sys/timerfd.h>

#include <algorithm>
#include <ctime>

namespace grayling::probe {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

}  // namespace

std::int64_t BootTimeNs() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return std::int64_t{time.tv_sec} * kSecondNs + time.tv_nsec;
}

Result<BootTimer> BootTimer::Open() {
  BootTimer timer;
  timer.fd_ = UniqueFd(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer.fd_.valid()) return SystemError("cannot make a timer");
  return timer;
}

Status BootTimer::Set(std::int64_t boot_time_ns) {
  boot_time_ns = std::max<std::int64_t>(1, boot_time_ns);  // zero would disarm it
  itimerspec when{};
  when.it_value.tv_sec = boot_time_ns / kSecondNs;
  when.it_value.tv_nsec = boot_time_ns % kSecondNs;
  if (timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &when, nullptr) != 0) {
    return SystemError("cannot set a timer");
  }
  return Done{};
}

}  // namespace grayling::probe

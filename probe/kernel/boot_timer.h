#pragma once

#include <cstdint>

#include "probe/kernel/result.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {

// CLOCK_BOOTTIME in nanoseconds: it runs on while the machine sleeps, and nobody can set it.
std::int64_t BootTimeNs();

// A timerfd on that clock.
class BootTimer {
 public:
  static Result<BootTimer> Open();

  // Readable from that instant on, also when it has passed already. A new one replaces the old one
  // and makes the timer unreadable until then.
  Status Set(std::int64_t boot_time_ns);
  int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace grayling::probe

#pragma once

#include <sys/types.h>

#include <cstdint>

namespace grayling::probe {

// A process that cannot be mistaken for a later one with the same number.
struct ProcessIdentity {
  pid_t pid = 0;  // 0 = none
  std::uint64_t start_ticks = 0;

  static ProcessIdentity Of(pid_t pid);
  // Running or stopped; a zombie is dead.
  bool IsAlive() const;
};

std::int64_t RealtimeNs();

}  // namespace grayling::probe

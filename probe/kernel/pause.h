#pragma once

#include <cstdint>

namespace grayling::probe {

// Sleeps at least as long, unless a signal is handled.
void PauseNs(std::int64_t nanoseconds);
inline void PauseMs(std::int64_t milliseconds) { PauseNs(milliseconds * 1'000'000); }

// CLOCK_MONOTONIC, nanoseconds.
std::int64_t MonotonicNs();
// Sleeps until that instant of CLOCK_MONOTONIC.
void PauseUntilNs(std::int64_t monotonic_ns);

}  // namespace grayling::probe

#pragma once

#include <cstdint>

namespace grayling {

// Numbers of the exposition formats, read from [at, end). Each returns the first byte after the
// number, or nullptr when there is none; the number must end at a blank or at `end`.

// Decimal, hexadecimal (0x1p-2), with '_' between digits, +Inf, -Inf, NaN in any case. Too large a
// magnitude is an error; too small a one is 0.
const char* ReadValue(const char* at, const char* end, double& value);

// Integer milliseconds.
const char* ReadMilliseconds(const char* at, const char* end, int64_t& time_ms);

// Seconds, possibly with a fraction; rounded to the nearest millisecond.
const char* ReadSeconds(const char* at, const char* end, int64_t& time_ms);

}  // namespace grayling

#include "daemon/metrics/exposition_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

#include "absl/strings/charconv.h"

namespace grayling {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

const char* TokenEnd(const char* at, const char* end) {
  while (at != end && !IsBlank(*at)) ++at;
  return at;
}

bool ReadUnsigned(const char* at, const char* token_end, double& value) {
  std::chars_format format = std::chars_format::general;
  if (token_end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
    at += 2;
    format = std::chars_format::hex;
  }
  if (at == token_end || *at == '-' || *at == '+') return false;
  const auto [stop, error] = std::from_chars(at, token_end, value, format);
  if (stop != token_end || error == std::errc::invalid_argument) return false;
  if (error == std::errc::result_out_of_range) {
    // Abseil's tells the two ends of the range apart by the value.
    absl::from_chars(
        at, token_end, value,
        format == std::chars_format::hex ? absl::chars_format::hex : absl::chars_format::general);
    if (value > 1) return false;
    value = 0;
  }
  return true;
}

// With the '_' taken out.
bool ReadUnderscored(const char* at, const char* token_end, double& value) {
  std::array<char, 64> plain;
  if (static_cast<size_t>(token_end - at) > plain.size()) return false;
  const char* plain_end = std::remove_copy(at, token_end, plain.begin(), '_');
  return ReadUnsigned(plain.begin(), plain_end, value);
}

constexpr std::array<double, 23> kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr uint64_t kFirstInexactInteger = uint64_t{1} << 53;
constexpr int kMostDigits = 18;  // of which an uint64_t is sure

// A plain decimal whose digits and power of ten are both exact doubles: one multiplication or
// division then rounds correctly (Clinger 1990, "How to read floating point numbers accurately").
// nullptr for every other number.
const char* ReadShortDecimal(const char* at, const char* end, double& value) {
  uint64_t digits = 0;
  int count = 0;
  int scale = 0;
  const char* p = at;
  for (; p != end && IsDigit(*p); ++p, ++count)
    digits = digits * 10 + static_cast<uint64_t>(*p - '0');
  if (p != end && *p == '.') {
    const char* const fraction = ++p;
    for (; p != end && IsDigit(*p); ++p, ++count) {
      digits = digits * 10 + static_cast<uint64_t>(*p - '0');
    }
    scale = -static_cast<int>(std::min<std::ptrdiff_t>(p - fraction, 100));
  }
  if (count == 0 || count > kMostDigits || digits >= kFirstInexactInteger) return nullptr;
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    const bool negative = p != end && *p == '-';
    if (p != end && (*p == '-' || *p == '+')) ++p;
    const char* const first = p;
    int exponent = 0;
    for (; p != end && IsDigit(*p) && p - first < 4; ++p) exponent = exponent * 10 + (*p - '0');
    if (p == first) return nullptr;
    scale += negative ? -exponent : exponent;
  }
  if (p != end && !IsBlank(*p)) return nullptr;
  const auto exact = static_cast<double>(digits);
  if (scale == 0) {
    value = exact;
  } else if (scale > 0 && scale <= 22) {
    value = exact * kPowersOfTen[static_cast<size_t>(scale)];
  } else if (scale < 0 && scale >= -22) {
    value = exact / kPowersOfTen[static_cast<size_t>(-scale)];
  } else {
    return nullptr;
  }
  return p;
}

}  // namespace

const char* ReadValue(const char* at, const char* end, double& value) {
  const char* digits = at;
  const bool negative = at != end && *at == '-';
  if (negative || (at != end && *at == '+')) ++digits;

  if (const char* stop = ReadShortDecimal(digits, end, value)) {
    if (negative) value = -value;
    return stop;
  }

  const char* token_end = TokenEnd(digits, end);
  const bool underscored = memchr(digits, '_', static_cast<size_t>(token_end - digits)) != nullptr;
  if (!(underscored ? ReadUnderscored(digits, token_end, value)
                    : ReadUnsigned(digits, token_end, value))) {
    return nullptr;
  }
  if (std::isnan(value)) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (negative) {
    value = -value;
  }
  return token_end;
}

const char* ReadMilliseconds(const char* at, const char* end, int64_t& time_ms) {
  const char* digits = at != end && *at == '-' ? at + 1 : at;
  const char* const safe = digits + std::min<std::ptrdiff_t>(end - digits, 18);
  int64_t time = 0;
  const char* p = digits;
  for (; p != safe && IsDigit(*p); ++p) time = time * 10 + (*p - '0');
  if (p == digits || (p != end && !IsBlank(*p))) return nullptr;
  time_ms = digits == at ? time : -time;
  return p;
}

const char* ReadSeconds(const char* at, const char* end, int64_t& time_ms) {
  double seconds = 0;
  const char* stop = ReadValue(at, end, seconds);
  // Beyond this many seconds the milliseconds do not fit.
  if (stop == nullptr || !(std::abs(seconds) < 9e15)) return nullptr;
  time_ms = std::llround(seconds * 1000);
  return stop;
}

}  // namespace grayling

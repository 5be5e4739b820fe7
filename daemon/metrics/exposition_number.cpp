#include "daemon/metrics/exposition_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

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
    const char* exponent = std::find_if(at, token_end, [](char c) { return c == '-'; });
    if (exponent == token_end) return false;
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

}  // namespace

const char* ReadValue(const char* at, const char* end, double& value) {
  const char* digits = at;
  const bool negative = at != end && *at == '-';
  if (negative || (at != end && *at == '+')) ++digits;

  // Most values are integers that a double holds exactly.
  uint64_t whole = 0;
  const char* p = digits;
  for (const char* limit = digits + std::min<std::ptrdiff_t>(end - digits, 15);
       p != limit && IsDigit(*p); ++p) {
    whole = whole * 10 + static_cast<uint64_t>(*p - '0');
  }
  if (p != digits && (p == end || IsBlank(*p))) {
    value = negative ? -static_cast<double>(whole) : static_cast<double>(whole);
    return p;
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
  const auto [stop, error] = std::from_chars(at, end, time_ms);
  if (error != std::errc() || (stop != end && !IsBlank(*stop))) return nullptr;
  return stop;
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

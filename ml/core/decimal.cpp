#include "ml/core/decimal.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <system_error>

namespace grayling {
namespace {

constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int kMostPower = 22;
constexpr uint64_t kMostExact = uint64_t{1} << 53;
constexpr int kMostDigits = 19;  // that fit 64 bits
constexpr int kMostExponentDigits = 3;

unsigned DigitAt(const char* at) { return static_cast<unsigned char>(*at) - unsigned{'0'}; }

const char* ReadDigits(const char* at, uint64_t& number) {
  for (unsigned digit = DigitAt(at); digit < 10; digit = DigitAt(++at)) {
    number = number * 10 + digit;
  }
  return at;
}

// Digits and power of ten of the number at `at`; null when they are not exact in a double.
const char* ReadParts(const char* at, uint64_t& digits, int& power) {
  digits = 0;
  power = 0;
  const char* const begin = at;
  at = ReadDigits(at, digits);
  auto count = at - begin;
  if (*at == '.') {
    const char* const fraction = ++at;
    at = ReadDigits(at, digits);
    power = static_cast<int>(fraction - at);
    count += at - fraction;
  }
  if (count == 0 || count > kMostDigits || digits > kMostExact) return nullptr;
  if ((*at | 0x20) == 'e') {
    ++at;
    const bool negative = *at == '-';
    if (*at == '-' || *at == '+') ++at;
    uint64_t exponent = 0;
    const char* const end = ReadDigits(at, exponent);
    if (end == at || end - at > kMostExponentDigits) return nullptr;
    at = end;
    power += negative ? -static_cast<int>(exponent) : static_cast<int>(exponent);
  }
  return power >= -kMostPower && power <= kMostPower ? at : nullptr;
}

// Whether a double lies exactly between two floats: rounding it a second time could go wrong.
bool IsHalfway(double value) {
  constexpr uint64_t kBelowFloat = (uint64_t{1} << 29) - 1;
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return (bits & kBelowFloat) == uint64_t{1} << 28;
}

}  // namespace

const char* ReadDecimal(const char* at, double& value) {
  const bool negative = *at == '-';
  uint64_t digits = 0;
  int power = 0;
  at = ReadParts(at + (negative ? 1 : 0), digits, power);
  if (at == nullptr) return nullptr;
  const auto exact = static_cast<double>(digits);
  value = power < 0 ? exact / kPowersOfTen[-power] : exact * kPowersOfTen[power];
  if (negative) value = -value;
  return at;
}

const char* ReadDecimal(const char* at, float& value) {
  double number = 0;
  at = ReadDecimal(at, number);
  if (at == nullptr || IsHalfway(number)) return nullptr;
  value = static_cast<float>(number);
  return at;
}

bool ParseFinite(absl::string_view text, double& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

bool ParseFinite(absl::string_view text, float& value) {
  double number = 0;
  if (!ParseFinite(text, number) || std::abs(number) > std::numeric_limits<float>::max()) {
    return false;
  }
  value = static_cast<float>(number);
  const bool is_normal = std::abs(number) >= static_cast<double>(std::numeric_limits<float>::min());
  if (is_normal && !IsHalfway(number)) return true;
  // Rounded once; what is too small for a float keeps the nearest, zero or the smallest.
  float direct = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), direct);
  if (error == std::errc() && std::isfinite(direct)) value = direct;
  return true;
}

}  // namespace grayling

#include "daemon/metrics/valid_utf8.h"

#include <rapidcheck.h>

#include <cstdint>

#include "gtest/gtest.h"

namespace grayling {
namespace {

// RFC 3629, section 3, as its table says it.
std::string Encoded(uint32_t code) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xc0 | (code >> 6)), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xe0 | (code >> 12)), tail(6), tail(0)};
  return {static_cast<char>(0xf0 | (code >> 18)), tail(12), tail(6), tail(0)};
}

TEST(Utf8, EveryCodePointIsASequenceOfItsLengthButSurrogates) {
  for (uint32_t code = 0; code <= 0x10ffff; ++code) {
    const std::string text = Encoded(code);
    const bool is_surrogate = code >= 0xd800 && code < 0xe000;
    ASSERT_EQ(Utf8Length(text, 0), is_surrogate ? 0 : text.size()) << code;
  }
  EXPECT_FALSE(IsUtf8(Encoded(0x110000)));
}

TEST(Utf8, NoLongerFormOfACodePointIsTaken) {
  for (const char* overlong : {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf"}) {
    EXPECT_FALSE(IsUtf8(overlong)) << overlong;
  }
}

TEST(Utf8, ASequenceThatEndsEarlyIsNone) {
  const std::string euro = Encoded(0x20ac);
  EXPECT_TRUE(IsUtf8(euro));
  EXPECT_FALSE(IsUtf8(euro.substr(0, 2)));
  EXPECT_EQ(ValidUtf8("a\xe2\x82z"), "a\xef\xbf\xbd\xef\xbf\xbdz");
}

TEST(Utf8, WhatIsMadeValidIsValidAndWhatWasStays) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    const std::string valid = ValidUtf8(bytes);
    RC_ASSERT(IsUtf8(valid));
    RC_ASSERT((valid == bytes) == IsUtf8(bytes));
  }));
}

}  // namespace
}  // namespace grayling

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace grayling {

// The bytes of columns of integers, as the stores' codecs write them. All pure.

// 7 bits a byte, the lowest first; the upper bit says that more follow.
void AppendVarint(uint64_t value, std::string& out);
// False when `in` is cut.
bool TakeVarint(absl::string_view& in, uint64_t& value);

// Small numbers of either sign to small numbers: 0, -1, 1, -2 become 0, 1, 2, 3.
inline uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

// The lowest `width` (1 to 8) bytes of each word, plane by plane: first all lowest bytes, and so
// on, which lets the equal upper bytes of neighbours compress.
void AppendPlanes(absl::Span<const uint64_t> words, size_t width, std::string& out);
// Replaces `words`; `planes` has width * words.size() bytes.
void ReadPlanes(absl::string_view planes, size_t width, absl::Span<uint64_t> words);

}  // namespace grayling

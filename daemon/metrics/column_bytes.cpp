#include "daemon/metrics/column_bytes.h"

#include <cstring>

namespace grayling {
namespace {

// An 8 x 8 matrix of bytes, row i in word i, becomes its transpose.
void Transpose(uint64_t (&rows)[8]) {
  const auto swap = [&rows](size_t a, size_t b, int shift, uint64_t mask) {
    const uint64_t moved = ((rows[a] >> shift) ^ rows[b]) & mask;
    rows[a] ^= moved << shift;
    rows[b] ^= moved;
  };
  for (size_t i = 0; i < 4; ++i) swap(i, i + 4, 32, 0x00000000ffffffff);
  for (const size_t i : {0, 1, 4, 5}) swap(i, i + 2, 16, 0x0000ffff0000ffff);
  for (const size_t i : {0, 2, 4, 6}) swap(i, i + 1, 8, 0x00ff00ff00ff00ff);
}

}  // namespace

void AppendVarint(uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

bool TakeVarint(absl::string_view& in, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(in.front());
    in.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

void AppendPlanes(absl::Span<const uint64_t> words, size_t width, std::string& out) {
  const size_t count = words.size();
  const size_t begin = out.size();
  out.resize(begin + width * count);
  char* const planes = out.data() + begin;
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t rows[8];
    std::memcpy(rows, words.data() + i, sizeof(rows));
    Transpose(rows);
    for (size_t plane = 0; plane < width; ++plane) {
      std::memcpy(planes + plane * count + i, &rows[plane], 8);
    }
  }
  for (; i < count; ++i) {
    for (size_t plane = 0; plane < width; ++plane) {
      planes[plane * count + i] = static_cast<char>(words[i] >> (8 * plane));
    }
  }
}

void ReadPlanes(absl::string_view planes, size_t width, absl::Span<uint64_t> words) {
  const size_t count = words.size();
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t rows[8] = {};
    for (size_t plane = 0; plane < width; ++plane) {
      std::memcpy(&rows[plane], planes.data() + plane * count + i, 8);
    }
    Transpose(rows);
    std::memcpy(words.data() + i, rows, sizeof(rows));
  }
  for (; i < count; ++i) {
    words[i] = 0;
    for (size_t plane = 0; plane < width; ++plane) {
      words[i] |= static_cast<uint64_t>(static_cast<uint8_t>(planes[plane * count + i]))
                  << (8 * plane);
    }
  }
}

}  // namespace grayling

#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace grayling {

// Protobuf's wire format, walked without making messages. Every method returns false, and leaves
// the reader where it cannot be used again, when the bytes end early or are not of that format.
// Formulas: protobuf.dev/programming-guides/encoding. Allocates nothing. Not thread-safe.
class WireReader {
 public:
  enum class Type : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  // `bytes` must outlive the reader and what it read.
  explicit WireReader(absl::string_view bytes) : bytes_(bytes) {}

  bool AtEnd() const { return position_ == bytes_.size(); }
  // Bytes read so far.
  size_t position() const { return position_; }

  // Field numbers from 1; the deprecated groups are refused.
  bool ReadTag(uint32_t& field, Type& type);
  bool ReadVarint(uint64_t& value);
  bool ReadFixed64(uint64_t& value);
  bool ReadBytes(absl::string_view& value);
  bool Skip(Type type);

 private:
  bool Advance(uint64_t size);

  absl::string_view bytes_;
  size_t position_ = 0;
};

}  // namespace grayling

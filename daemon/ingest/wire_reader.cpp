#include "daemon/ingest/wire_reader.h"

namespace grayling {

bool WireReader::ReadTag(uint32_t& field, Type& type) {
  uint64_t tag = 0;
  if (!ReadVarint(tag) || tag > UINT32_MAX) return false;
  field = static_cast<uint32_t>(tag >> 3);
  const auto kind = static_cast<uint8_t>(tag & 7);
  type = static_cast<Type>(kind);
  return field != 0 && (kind <= 2 || kind == 5);
}

bool WireReader::ReadVarint(uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (AtEnd()) return false;
    const auto byte = static_cast<uint8_t>(bytes_[position_++]);
    if (shift == 63 && byte > 1) return false;
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool WireReader::ReadFixed64(uint64_t& value) {
  const size_t at = position_;
  if (!Advance(8)) return false;
  value = 0;
  for (size_t i = 0; i < 8; ++i) {
    value |= static_cast<uint64_t>(static_cast<uint8_t>(bytes_[at + i])) << (8 * i);
  }
  return true;
}

bool WireReader::ReadBytes(absl::string_view& value) {
  uint64_t size = 0;
  if (!ReadVarint(size)) return false;
  const size_t at = position_;
  if (!Advance(size)) return false;
  value = bytes_.substr(at, size);
  return true;
}

bool WireReader::Skip(Type type) {
  uint64_t ignored = 0;
  absl::string_view ignored_bytes;
  switch (type) {
    case Type::kVarint:
      return ReadVarint(ignored);
    case Type::kFixed64:
      return Advance(8);
    case Type::kFixed32:
      return Advance(4);
    case Type::kBytes:
      return ReadBytes(ignored_bytes);
  }
  return false;
}

bool WireReader::Advance(uint64_t size) {
  if (size > bytes_.size() - position_) return false;
  position_ += size;
  return true;
}

}  // namespace grayling

#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace grayling::probe {

using Bytes = std::span<const char>;

// Attributes as a plain value, each on a multiple of four bytes: alone they are the content of an
// attribute that holds others.
class AttributeBytes {
 public:
  virtual ~AttributeBytes() = default;

  // The family's fixed header, or a plain struct inside an attribute.
  template <typename Struct>
  void Append(const Struct& plain) {
    AppendBytes(&plain, sizeof plain);
  }
  void AddString(std::uint16_t attribute, std::string_view text);  // with its final zero
  template <typename Value>
  void AddValue(std::uint16_t attribute, const Value& value) {
    AddBytes(attribute, &value, sizeof value);
  }
  void AddBytes(std::uint16_t attribute, const void* data, std::size_t size);
  // Opens an attribute whose content follows; give the result to EndNest.
  std::size_t BeginNest(std::uint16_t attribute);
  void EndNest(std::size_t nest);

  Bytes bytes() const { return bytes_; }

 protected:
  virtual void AppendBytes(const void* data, std::size_t size);

  std::vector<char> bytes_;
};

// A netlink message as a plain value: building it needs neither a socket nor a privilege, so its
// bytes can be compared in a test.
//
//   | nlmsghdr (16) | fixed header of the family | attribute | attribute { nested ... } | ...
//
// nlmsg_len is kept right after every step.
class NetlinkMessage final : public AttributeBytes {
 public:
  NetlinkMessage(std::uint16_t type, std::uint16_t flags);

  void SetSequence(std::uint32_t sequence);

 private:
  void AppendBytes(const void* data, std::size_t size) override;
};

// The content of the first attribute of this type, without its header.
std::optional<Bytes> FindAttribute(Bytes attributes, std::uint16_t type);

// Copies a plain value out of `bytes`; std::nullopt when there are too few.
template <typename Value>
std::optional<Value> ReadValue(Bytes bytes) {
  if (bytes.size() < sizeof(Value)) return std::nullopt;
  Value value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::string ReadString(Bytes bytes);

// What follows the family's fixed header in a received payload.
template <typename Header>
Bytes AfterHeader(Bytes payload) {
  const std::size_t size = NLMSG_ALIGN(sizeof(Header));
  return payload.size() < size ? Bytes() : payload.subspan(size);
}

}  // namespace grayling::probe

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

// A netlink message as a plain value: building it needs neither a socket nor a privilege, so its
// bytes can be compared in a test.
//
//   | nlmsghdr (16) | fixed header of the family | attribute | attribute { nested ... } | ...
//
// Everything starts on a multiple of four bytes; nlmsg_len is kept right after every step.
class NetlinkMessage {
 public:
  NetlinkMessage(std::uint16_t type, std::uint16_t flags);

  // The family's fixed header, or a plain struct inside an attribute.
  template <typename Struct>
  void Append(const Struct& plain) {
    AppendBytes(&plain, sizeof plain);
  }
  void AddString(std::uint16_t attribute, std::string_view text);  // with its final zero
  template <typename Value>
  void AddValue(std::uint16_t attribute, const Value& value) {
    AddAttribute(attribute, &value, sizeof value);
  }
  // Opens an attribute whose content follows; give the result to EndNest.
  std::size_t BeginNest(std::uint16_t attribute);
  void EndNest(std::size_t nest);

  void SetSequence(std::uint32_t sequence);
  Bytes bytes() const { return bytes_; }

 private:
  void AppendBytes(const void* data, std::size_t size);
  void AddAttribute(std::uint16_t attribute, const void* data, std::size_t size);
  void UpdateLength();

  std::vector<char> bytes_;
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

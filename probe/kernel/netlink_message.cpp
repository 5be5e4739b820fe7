#include "probe/kernel/netlink_message.h"

namespace grayling::probe {

NetlinkMessage::NetlinkMessage(std::uint16_t type, std::uint16_t flags) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = flags;
  Append(header);
}

void NetlinkMessage::AppendBytes(const void* data, std::size_t size) {
  AttributeBytes::AppendBytes(data, size);
  const auto length = static_cast<std::uint32_t>(bytes_.size());
  std::memcpy(bytes_.data() + offsetof(nlmsghdr, nlmsg_len), &length, sizeof length);
}

void AttributeBytes::AppendBytes(const void* data, std::size_t size) {
  const std::size_t at = bytes_.size();
  bytes_.resize(at + NLMSG_ALIGN(size), 0);
  if (size > 0) std::memcpy(bytes_.data() + at, data, size);
}

void AttributeBytes::AddBytes(std::uint16_t attribute, const void* data, std::size_t size) {
  nlattr header{};
  header.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + size);
  header.nla_type = attribute;
  AppendBytes(&header, sizeof header);
  AppendBytes(data, size);
}

void AttributeBytes::AddString(std::uint16_t attribute, std::string_view text) {
  const std::string terminated(text);
  AddBytes(attribute, terminated.c_str(), terminated.size() + 1);
}

std::size_t AttributeBytes::BeginNest(std::uint16_t attribute) {
  const std::size_t at = bytes_.size();
  nlattr header{};
  header.nla_type = attribute;
  AppendBytes(&header, sizeof header);
  return at;
}

void AttributeBytes::EndNest(std::size_t nest) {
  const auto length = static_cast<std::uint16_t>(bytes_.size() - nest);
  std::memcpy(bytes_.data() + nest + offsetof(nlattr, nla_len), &length, sizeof length);
}

void NetlinkMessage::SetSequence(std::uint32_t sequence) {
  std::memcpy(bytes_.data() + offsetof(nlmsghdr, nlmsg_seq), &sequence, sizeof sequence);
}

std::optional<Bytes> FindAttribute(Bytes attributes, std::uint16_t type) {
  while (attributes.size() >= NLA_HDRLEN) {
    const nlattr header = *ReadValue<nlattr>(attributes);
    if (header.nla_len < NLA_HDRLEN || header.nla_len > attributes.size()) return std::nullopt;
    if ((header.nla_type & NLA_TYPE_MASK) == type) {
      return attributes.subspan(NLA_HDRLEN, header.nla_len - NLA_HDRLEN);
    }
    const std::size_t step = NLA_ALIGN(header.nla_len);
    attributes = attributes.subspan(step < attributes.size() ? step : attributes.size());
  }
  return std::nullopt;
}

std::string ReadString(Bytes bytes) {
  return std::string(bytes.data(), strnlen(bytes.data(), bytes.size()));
}

}  // namespace grayling::probe

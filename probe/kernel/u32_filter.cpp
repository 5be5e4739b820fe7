#include "probe/kernel/u32_filter.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include <array>

namespace grayling::probe {
namespace {

using Key = U32Filter::Key;
using Keys = std::vector<Key>;

constexpr std::array<std::uint8_t, 2> kProtocolsWithPorts{IPPROTO_TCP, IPPROTO_UDP};

struct Host {
  std::uint16_t protocol = 0;
  Keys keys;
};

Result<Host> ParseHost(const std::string& address, bool by_source) {
  std::array<std::uint32_t, 4> words{};
  if (inet_pton(AF_INET, address.c_str(), words.data()) == 1) {
    return Host{ETH_P_IP, {{ntohl(words[0]), 0xffffffff, by_source ? 12 : 16}}};
  }
  if (inet_pton(AF_INET6, address.c_str(), words.data()) != 1) {
    return Error{"'" + address + "' is no address of a peer; give an IPv4 or IPv6 address"};
  }
  Host host{ETH_P_IPV6, {}};
  int offset = by_source ? 8 : 24;
  for (const std::uint32_t word : words) {
    host.keys.push_back({ntohl(word), 0xffffffff, offset});
    offset += 4;
  }
  return host;
}

// What makes sure that the ports are where they are looked for.
Keys TransportKeys(std::uint16_t protocol, std::uint8_t transport) {
  if (protocol == ETH_P_IPV6) return {{std::uint32_t{transport} << 8, 0x0000ff00, 4}};
  return {{0x05000000, 0x0f000000, 0},  // no options
          {0, 0x00001fff, 4},           // the first fragment
          {std::uint32_t{transport} << 16, 0x00ff0000, 8}};
}

void AddWithPort(const Host& host, std::uint16_t port, std::uint32_t class_id,
                 std::vector<U32Filter>& filters) {
  const int offset = host.protocol == ETH_P_IPV6 ? 40 : 20;
  for (const std::uint8_t transport : kProtocolsWithPorts) {
    for (const int shift : {16, 0}) {  // its own port is the upper half, the other side's the lower
      U32Filter filter{host.protocol, class_id, TransportKeys(host.protocol, transport)};
      filter.keys.insert(filter.keys.end(), host.keys.begin(), host.keys.end());
      filter.keys.push_back({std::uint32_t{port} << shift, 0xffffU << shift, offset});
      filters.push_back(std::move(filter));
    }
  }
}

// One protocol has one priority: the kernel keeps them apart.
std::uint32_t InfoOf(std::uint16_t protocol) {
  const std::uint32_t priority = protocol == ETH_P_IP ? 1 : 2;
  return priority << 16 | htons(protocol);
}

tcmsg FilterHeader(int interface_index, std::uint32_t parent) {
  tcmsg header{};
  header.tcm_family = AF_UNSPEC;
  header.tcm_ifindex = interface_index;
  header.tcm_parent = parent;
  return header;
}

bool IsHashTable(Bytes attributes) {
  const auto options = FindAttribute(attributes, TCA_OPTIONS);
  return options && FindAttribute(*options, TCA_U32_DIVISOR);
}

}  // namespace

Result<std::vector<U32Filter>> FiltersFor(const PacketMatch& match, std::uint32_t class_id) {
  std::vector<Host> hosts;
  for (const std::string& address : match.addresses) {
    Result<Host> host = ParseHost(address, match.by_source);
    if (!host.ok()) return host.error();
    hosts.push_back(std::move(*host));
  }
  if (hosts.empty()) hosts = {{ETH_P_IP, {}}, {ETH_P_IPV6, {}}};
  std::vector<U32Filter> filters;
  for (const Host& host : hosts) {
    if (match.port != 0) {
      AddWithPort(host, match.port, class_id, filters);
    } else if (!host.keys.empty()) {
      filters.push_back({host.protocol, class_id, host.keys});
    }
  }
  return filters;
}

NetlinkMessage AddFilterMessage(int interface_index, std::uint32_t parent,
                                const U32Filter& filter) {
  NetlinkMessage message(RTM_NEWTFILTER, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  tcmsg header = FilterHeader(interface_index, parent);
  header.tcm_info = InfoOf(filter.protocol);
  message.Append(header);
  message.AddString(TCA_KIND, "u32");
  const std::size_t options = message.BeginNest(TCA_OPTIONS);
  message.AddValue(TCA_U32_CLASSID, filter.class_id);
  AttributeBytes selector;
  tc_u32_sel head{};
  head.flags = TC_U32_TERMINAL;
  head.nkeys = static_cast<unsigned char>(filter.keys.size());
  selector.Append(head);
  for (const Key& key : filter.keys) {
    selector.Append(tc_u32_key{htonl(key.mask), htonl(key.value & key.mask), key.offset, 0});
  }
  message.AddBytes(TCA_U32_SEL, selector.bytes().data(), selector.bytes().size());
  message.EndNest(options);
  return message;
}

NetlinkMessage ListFiltersMessage(int interface_index, std::uint32_t parent) {
  NetlinkMessage message(RTM_GETTFILTER, NLM_F_REQUEST | NLM_F_DUMP);
  message.Append(FilterHeader(interface_index, parent));
  return message;
}

std::optional<U32Filter> ParseU32Filter(Bytes payload) {
  const auto header = ReadValue<tcmsg>(payload);
  if (!header) return std::nullopt;
  const Bytes attributes = AfterHeader<tcmsg>(payload);
  const auto kind = FindAttribute(attributes, TCA_KIND);
  const auto options = FindAttribute(attributes, TCA_OPTIONS);
  if (!kind || ReadString(*kind) != "u32" || !options) return std::nullopt;
  const auto class_id = FindAttribute(*options, TCA_U32_CLASSID);
  auto selector = FindAttribute(*options, TCA_U32_SEL);
  if (!class_id || !selector) return std::nullopt;
  if (selector->size() < sizeof(tc_u32_sel)) return std::nullopt;
  const int keys = static_cast<unsigned char>((*selector)[offsetof(tc_u32_sel, nkeys)]);
  U32Filter filter;
  filter.protocol = ntohs(static_cast<std::uint16_t>(header->tcm_info & 0xffff));
  filter.class_id = ReadValue<std::uint32_t>(*class_id).value_or(0);
  *selector = selector->subspan(sizeof(tc_u32_sel));
  for (int i = 0; i < keys; ++i) {
    const auto key = ReadValue<tc_u32_key>(*selector);
    if (!key) return std::nullopt;
    filter.keys.push_back({ntohl(key->val), ntohl(key->mask), key->off});
    *selector = AfterHeader<tc_u32_key>(*selector);
  }
  return filter;
}

Result<std::vector<U32Filter>> ListFilters(NetlinkSocket& route, int interface_index,
                                           std::uint32_t parent) {
  std::vector<U32Filter> filters;
  Status dumped = route.Dump(ListFiltersMessage(interface_index, parent), [&](Bytes payload) {
    const Bytes attributes = AfterHeader<tcmsg>(payload);
    // The kernel shows each priority once by itself, without options, before its filters.
    if (!FindAttribute(attributes, TCA_OPTIONS) || IsHashTable(attributes)) return;
    filters.push_back(ParseU32Filter(payload).value_or(U32Filter()));
  });
  if (!dumped.ok()) return dumped.error();
  return filters;
}

}  // namespace grayling::probe

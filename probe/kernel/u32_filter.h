#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probe/kernel/netlink_socket.h"

namespace grayling::probe {

// A filter of a classful qdisc: packets of `protocol` in which every key's word is right go to the
// class.
struct U32Filter {
  struct Key {
    std::uint32_t value = 0;
    std::uint32_t mask = 0;
    int offset = 0;  // bytes from the start of the IP header, a multiple of four

    bool operator==(const Key&) const = default;
  };

  std::uint16_t protocol = 0;  // ETH_P_IP, ETH_P_IPV6
  std::uint32_t class_id = 0;
  std::vector<Key> keys;

  bool operator==(const U32Filter&) const = default;
};

// Which packets: of these hosts, of this port, or both.
struct PacketMatch {
  std::vector<std::string> addresses;  // IPv4 or IPv6; empty: of all
  bool by_source = true;               // else the addresses are where the packets go
  std::uint16_t port = 0;              // TCP or UDP, of either side; 0: of all

  bool MatchesAll() const { return addresses.empty() && port == 0; }
};

// The filters that together send exactly these packets to the class. Where a port counts, later
// fragments and packets with IP options or extension headers are not matched: their ports are not
// where u32 looks. Error when an address is none.
Result<std::vector<U32Filter>> FiltersFor(const PacketMatch& match, std::uint32_t class_id);

// The messages, as values. `parent`: the qdisc's handle.
NetlinkMessage AddFilterMessage(int interface_index, std::uint32_t parent, const U32Filter& filter);
NetlinkMessage ListFiltersMessage(int interface_index, std::uint32_t parent);
// std::nullopt for other kinds and for u32's own hash tables.
std::optional<U32Filter> ParseU32Filter(Bytes payload);

// Every filter of the qdisc; those that are no u32 filters have no keys.
Result<std::vector<U32Filter>> ListFilters(NetlinkSocket& route, int interface_index,
                                           std::uint32_t parent);

}  // namespace grayling::probe

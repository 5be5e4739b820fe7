#include "probe/kernel/u32_filter.h"

#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/rtnetlink.h>
#include <rapidcheck.h>

#include <array>

#include "tests/unit/probe/hex.h"

namespace grayling::probe {
namespace {

constexpr std::uint32_t kClass = 0x47110004;

// What u32 does with a packet: every key's word, masked, must be right.
bool Matches(const std::vector<U32Filter>& filters, std::uint16_t protocol,
             const std::vector<unsigned char>& packet) {
  for (const U32Filter& filter : filters) {
    bool all = filter.protocol == protocol;
    for (const U32Filter::Key& key : filter.keys) {
      const auto at = static_cast<std::size_t>(key.offset);
      if (!all || at + 4 > packet.size()) {
        all = false;
        break;
      }
      std::uint32_t word = 0;
      for (std::size_t i = 0; i < 4; ++i) word = word << 8 | packet[at + i];
      all = (word & key.mask) == key.value;
    }
    if (all) return true;
  }
  return false;
}

struct Ipv4Packet {
  std::array<unsigned char, 4> source{172, 17, 0, 3};
  std::array<unsigned char, 4> destination{172, 17, 0, 4};
  unsigned char protocol = 6;
  unsigned source_port = 40000;
  unsigned destination_port = 8080;
  unsigned fragment_offset = 0;
  unsigned char header_words = 5;

  std::vector<unsigned char> Bytes() const {
    std::vector<unsigned char> bytes(60);
    const auto byte = [](unsigned value) { return static_cast<unsigned char>(value); };
    bytes[0] = byte(0x40U | header_words);
    bytes[6] = byte(fragment_offset >> 8);
    bytes[7] = byte(fragment_offset);
    bytes[9] = protocol;
    std::copy(source.begin(), source.end(), bytes.begin() + 12);
    std::copy(destination.begin(), destination.end(), bytes.begin() + 16);
    const std::size_t ports = header_words * std::size_t{4};
    bytes[ports] = byte(source_port >> 8);
    bytes[ports + 1] = byte(source_port);
    bytes[ports + 2] = byte(destination_port >> 8);
    bytes[ports + 3] = byte(destination_port);
    return bytes;
  }
};

bool Hits(const PacketMatch& match, const Ipv4Packet& packet) {
  return Matches(*FiltersFor(match, kClass), ETH_P_IP, packet.Bytes());
}

// Caught with strace from iproute2 6.1: tc filter add dev host0 parent 4711: protocol ip prio 1
// u32 match ip src 172.17.0.3/32 classid 4711:4
TEST(U32Filter, AnAddressIsMatchedByTheToolsOwnBytes) {
  const auto filters = FiltersFor({{"172.17.0.3"}, true, 0}, kClass);
  ASSERT_TRUE(filters.ok());
  ASSERT_EQ(filters->size(), 1u);
  EXPECT_EQ(Hex(AddFilterMessage(7, 0x47110000, filters->front()).bytes()),
            "5c000000 2c000506 00000000 00000000 00000000 07000000 00000000 00001147 08000100 "
            "08000100 75333200 30000200 08000100 04001147 24000500 01000100 00000000 00000000 "
            "00000000 ffffffff ac110003 0c000000 00000000");
}

TEST(U32Filter, WhatWasSentIsReadBackEqual) {
  EXPECT_TRUE(rc::check([] {
    U32Filter filter;
    filter.protocol = *rc::gen::element<std::uint16_t>(ETH_P_IP, ETH_P_IPV6);
    filter.class_id = *rc::gen::arbitrary<std::uint32_t>();
    for (int i = *rc::gen::inRange(0, 20); i > 0; --i) {
      const auto mask = *rc::gen::arbitrary<std::uint32_t>();
      filter.keys.push_back({*rc::gen::arbitrary<std::uint32_t>() & mask, mask, 4 * i});
    }
    const NetlinkMessage message = AddFilterMessage(1, 0x47110000, filter);
    const Bytes payload = message.bytes().subspan(NLMSG_HDRLEN);
    RC_ASSERT(ParseU32Filter(payload) == filter);
    const auto cut = static_cast<std::size_t>(*rc::gen::inRange<std::size_t>(0, payload.size()));
    const std::vector<char> prefix(payload.begin(), payload.begin() + static_cast<long>(cut));
    RC_ASSERT(ParseU32Filter(prefix) != filter);
  }));
}

TEST(U32Filter, APeerIsMatchedByWhereItsPacketsComeFromOrGoTo) {
  Ipv4Packet packet;
  EXPECT_TRUE(Hits({{"172.17.0.9", "172.17.0.3"}, true, 0}, packet));
  EXPECT_FALSE(Hits({{"172.17.0.3"}, false, 0}, packet));
  EXPECT_TRUE(Hits({{"172.17.0.4"}, false, 0}, packet));
  packet.source[3] = 30;
  EXPECT_FALSE(Hits({{"172.17.0.3"}, true, 0}, packet));
}

TEST(U32Filter, APortIsMatchedOnEitherSideOfTcpAndUdpOnly) {
  const PacketMatch match{{}, true, 8080};
  Ipv4Packet packet;
  for (const unsigned char protocol : {6, 17}) {
    packet.protocol = protocol;
    EXPECT_TRUE(Hits(match, packet));
    std::swap(packet.source_port, packet.destination_port);
    EXPECT_TRUE(Hits(match, packet));
    packet.source_port = 8081;
    EXPECT_FALSE(Hits(match, packet));
    packet.source_port = 40000;
    packet.destination_port = 8080;
  }
  packet.protocol = 1;
  EXPECT_FALSE(Hits(match, packet));
}

TEST(U32Filter, PortsAreNotGuessedFromOtherBytes) {
  const PacketMatch match{{}, true, 8080};
  Ipv4Packet fragment;
  fragment.fragment_offset = 185;
  EXPECT_FALSE(Hits(match, fragment));
  Ipv4Packet options;
  options.header_words = 6;
  EXPECT_FALSE(Hits(match, options));
}

TEST(U32Filter, APeersPortIsBothAtOnce) {
  const PacketMatch match{{"172.17.0.3"}, true, 8080};
  Ipv4Packet packet;
  EXPECT_TRUE(Hits(match, packet));
  packet.destination_port = 8081;
  EXPECT_FALSE(Hits(match, packet));
  packet.destination_port = 8080;
  packet.source[0] = 10;
  EXPECT_FALSE(Hits(match, packet));
}

TEST(U32Filter, Ipv6IsMatchedToo) {
  std::vector<unsigned char> packet(60);
  packet[6] = 17;
  packet[8] = 0xfd;
  packet[23] = 3;
  packet[41] = 53;
  const auto hits = [&](const PacketMatch& match) {
    return Matches(*FiltersFor(match, kClass), ETH_P_IPV6, packet);
  };
  EXPECT_TRUE(hits({{"fd00::3"}, true, 0}));
  EXPECT_FALSE(hits({{"fd00::4"}, true, 0}));
  EXPECT_FALSE(hits({{"fd00::3"}, false, 0}));
  EXPECT_TRUE(hits({{}, true, 53}));
  EXPECT_TRUE(hits({{"fd00::3"}, true, 53}));
  EXPECT_FALSE(hits({{}, true, 54}));
}

TEST(U32Filter, WhatIsNoAddressIsRefused) {
  const auto filters = FiltersFor({{"172.17.0.300"}, true, 0}, kClass);
  ASSERT_FALSE(filters.ok());
  EXPECT_EQ(filters.error().sentence,
            "'172.17.0.300' is no address of a peer; give an IPv4 or IPv6 address");
}

}  // namespace
}  // namespace grayling::probe

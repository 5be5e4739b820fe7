#include "probe/kernel/netlink_message.h"

#include <gtest/gtest.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "probe/kernel/qdisc.h"
#include "probe/kernel/tcp_sockets.h"

namespace grayling::probe {
namespace {

std::string Hex(Bytes bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    char pair[4];
    std::snprintf(pair, sizeof pair, "%02x", static_cast<unsigned char>(bytes[i]));
    if (i > 0 && i % 4 == 0) out.push_back(' ');
    out.append(pair);
  }
  return out;
}

TEST(NetlinkMessage, AddingNetemIsTheseBytes) {
  NetemSettings settings;
  settings.latency_ns = 30'000'000;
  settings.jitter_ns = 5'000'000;
  settings.loss = LossShare(50);
  settings.limit = 2891;
  NetlinkMessage message = AddRootNetemMessage(7, 0x47110000, settings);
  message.SetSequence(3);
  EXPECT_EQ(Hex(message.bytes()),
            // nlmsghdr: length 100, RTM_NEWQDISC, REQUEST|ACK|EXCL|CREATE, sequence 3, port 0
            "64000000 24000506 03000000 00000000 "
            // tcmsg: unspecified family, interface 7, handle 4711:, parent root, info 0
            "00000000 07000000 00001147 ffffffff 00000000 "
            // TCA_KIND "netem", padded
            "0a000100 6e657465 6d000000 "
            // TCA_OPTIONS, 52 bytes: 468750 ticks, limit 2891, loss half, gap 0, duplicate 0,
            // jitter 78125 ticks
            "34000200 0e270700 4b0b0000 00000080 00000000 00000000 2d310100 "
            // TCA_NETEM_LATENCY64 30,000,000 ns, TCA_NETEM_JITTER64 5,000,000 ns
            "0c000a00 80c3c901 00000000 0c000b00 404b4c00 00000000");
}

TEST(NetlinkMessage, RemovingTheRootNamesOurHandleOnly) {
  EXPECT_EQ(Hex(DeleteRootQdiscMessage(7, 0x47110000).bytes()),
            "24000000 25000500 00000000 00000000 00000000 07000000 00001147 ffffffff 00000000");
}

TEST(NetlinkMessage, ListingEstablishedConnectionsAsksForTcpInfo) {
  const NetlinkMessage message = ListEstablishedMessage(AF_INET);
  ASSERT_EQ(message.bytes().size(), 72u);
  EXPECT_EQ(Hex(message.bytes().subspan(0, 24)),
            "48000000 14000103 00000000 00000000 02060200 02000000");
}

TEST(NetlinkMessage, WhatWasSentIsReadBackEqual) {
  NetemSettings settings;
  settings.latency_ns = 1'234'567;
  settings.jitter_ns = 89;
  settings.loss = LossShare(0.3);
  settings.limit = 1000;
  const NetlinkMessage message = AddRootNetemMessage(2, 0x40000000, settings);
  const std::optional<Qdisc> qdisc = ParseQdisc(message.bytes().subspan(NLMSG_HDRLEN));
  ASSERT_TRUE(qdisc);
  EXPECT_EQ(qdisc->kind, "netem");
  EXPECT_EQ(qdisc->interface_index, 2);
  EXPECT_TRUE(qdisc->IsRoot());
  EXPECT_FALSE(qdisc->IsKernelDefault());
  EXPECT_EQ(qdisc->netem, settings);
}

TEST(NetlinkMessage, NoPrefixOfAMessageIsReadBeyondItsEnd) {
  const NetlinkMessage message = AddRootNetemMessage(2, 0x40000000, NetemSettings{1, 2, 3, 4});
  const Bytes payload = message.bytes().subspan(NLMSG_HDRLEN);
  for (std::size_t size = 0; size < payload.size(); ++size) {
    const std::vector<char> cut(payload.begin(), payload.begin() + size);  // ends where it ends
    const std::optional<Qdisc> qdisc = ParseQdisc(cut);
    if (qdisc && qdisc->netem) {
      EXPECT_NE(*qdisc->netem, (NetemSettings{1, 2, 3, 4})) << size;
    }
  }
}

TEST(NetlinkMessage, AnAttributeWithAnImpossibleLengthEndsTheSearch) {
  const char zero_length[] = {0, 0, 1, 0, 5, 0, 2, 0, 9};
  EXPECT_FALSE(FindAttribute(Bytes(zero_length, sizeof zero_length), 2));
  const char too_long[] = {100, 0, 2, 0, 9};
  EXPECT_FALSE(FindAttribute(Bytes(too_long, sizeof too_long), 2));
}

TEST(Netem, LossSurvivesTheKernelsFraction) {
  for (const double percent : {0.0, 0.1, 2.0, 33.3, 60.0, 99.99, 100.0}) {
    EXPECT_DOUBLE_EQ(LossPercent(LossShare(percent)), percent);
  }
  EXPECT_EQ(LossShare(100), 0xffffffffu);
}

TEST(Netem, TheQueueHoldsWhatAGigabitSendsDuringTheDelay) {
  EXPECT_EQ(NetemLimit(1'000'000, 0), 1000u);
  EXPECT_EQ(NetemLimit(1'000'000'000, 0), 82563u);
  EXPECT_EQ(NetemLimit(30'000'000, 5'000'000), 2890u);
}

TEST(Netem, IsDescribedInTheWordsOfItsTool) {
  EXPECT_EQ(Describe(NetemSettings{30'000'000, 5'000'000, 0, 2890}),
            "netem delay 30ms jitter 5ms limit 2890");
  EXPECT_EQ(Describe(NetemSettings{0, 0, LossShare(2.5), 1000}), "netem loss 2.5% limit 1000");
}

}  // namespace
}  // namespace grayling::probe

#include "probe/kernel/netlink_message.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "probe/kernel/qdisc.h"
#include "probe/kernel/tcp_sockets.h"
#include "tests/unit/probe/hex.h"

namespace grayling::probe {
namespace {

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

TEST(NetlinkMessage, AnAttributeWithAnImpossibleLengthEndsTheSearch) {
  const char zero_length[] = {0, 0, 1, 0, 5, 0, 2, 0, 9};
  EXPECT_FALSE(FindAttribute(Bytes(zero_length, sizeof zero_length), 2));
  const char too_long[] = {100, 0, 2, 0, 9};
  EXPECT_FALSE(FindAttribute(Bytes(too_long, sizeof too_long), 2));
}

}  // namespace
}  // namespace grayling::probe

// Real interfaces in a private network namespace. Needs root.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/kernel/links.h"
#include "probe/kernel/net_namespace.h"
#include "probe/kernel/tcp_sockets.h"
#include "tests/unit/probe/private_network.h"

namespace grayling::probe {
namespace {

TEST_F(PrivateNetwork, AVethKnowsItsOtherEnd) {
  Result<std::vector<Link>> links = ListLinks(route_);
  ASSERT_TRUE(links.ok());
  int peer_of_host = 0;
  int eth = 0;
  for (const Link& link : *links) {
    if (link.name == "host0") peer_of_host = link.peer_index;
    if (link.name == "eth0") eth = link.index;
  }
  EXPECT_NE(eth, 0);
  EXPECT_EQ(peer_of_host, eth);
}

TEST_F(PrivateNetwork, ASocketOpenedElsewhereStaysThereWhileTheThreadComesBack) {
  Result<NetlinkSocket> other = OpenNetlinkIn(getppid(), NETLINK_ROUTE);
  ASSERT_TRUE(other.ok()) << other.error().sentence;
  Result<std::vector<Link>> there = ListLinks(*other);
  ASSERT_TRUE(there.ok());
  for (const Link& link : *there) EXPECT_NE(link.name, "host0");
  EXPECT_NE(if_nametoindex("host0"), 0u);
}

TEST_F(PrivateNetwork, ANamespaceIsFoundByItsNumberThroughWhomeverItHolds) {
  Result<std::uint64_t> number = NetNamespaceOf(getpid());
  ASSERT_TRUE(number.ok());
  EXPECT_NE(*number, *NetNamespaceOf(getppid()));
  Result<NetlinkSocket> socket = OpenNetlinkInNamespace(*number, NETLINK_ROUTE);
  ASSERT_TRUE(socket.ok()) << socket.error().sentence;
  EXPECT_TRUE(FindLink(*socket, index_)->has_value());
  Result<NetlinkSocket> none = OpenNetlinkInNamespace(1, NETLINK_ROUTE);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, kNoSuchNamespace);
}

TEST_F(PrivateNetwork, AQueueLengthIsSetAndReadBack) {
  ASSERT_TRUE(route_.Change(SetQueueLengthMessage(index_, 0)).ok());
  EXPECT_EQ((*FindLink(route_, index_))->queue_length, 0);
  ASSERT_TRUE(route_.Change(SetQueueLengthMessage(index_, 77)).ok());
  EXPECT_EQ((*FindLink(route_, index_))->queue_length, 77);
}

// Two ends of one connection over loopback, which is down in a new namespace. With `dual_stack` the
// server's end is an IPv6 socket with a mapped address, as a Java server's is.
class LoopbackConnection {
 public:
  explicit LoopbackConnection(bool dual_stack) {
    UniqueFd control(socket(AF_INET, SOCK_DGRAM, 0));
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    EXPECT_EQ(ioctl(control.get(), SIOCSIFFLAGS, &request), 0);
    sockaddr_in6 any{};
    any.sin6_family = static_cast<sa_family_t>(dual_stack ? AF_INET6 : AF_INET);
    UniqueFd listener(socket(any.sin6_family, SOCK_STREAM, 0));
    socklen_t size = dual_stack ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    EXPECT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&any), size), 0);
    EXPECT_EQ(listen(listener.get(), 1), 0);
    getsockname(listener.get(), reinterpret_cast<sockaddr*>(&any), &size);
    server_port_ = ntohs(any.sin6_port);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = any.sin6_port;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client_ = UniqueFd(socket(AF_INET, SOCK_STREAM, 0));
    EXPECT_EQ(connect(client_.get(), reinterpret_cast<sockaddr*>(&where), sizeof where), 0);
    server_ = UniqueFd(accept(listener.get(), nullptr, nullptr));
    char byte = 1;
    EXPECT_EQ(write(client_.get(), &byte, 1), 1);
    EXPECT_EQ(read(server_.get(), &byte, 1), 1);
  }

  std::uint16_t server_port() const { return server_port_; }

  static std::vector<TcpSocket> List(std::uint8_t family) {
    std::vector<TcpSocket> seen;
    Result<NetlinkSocket> diag = OpenNetlinkIn(getpid(), NETLINK_SOCK_DIAG);
    EXPECT_TRUE(diag.ok());
    Status listed =
        ForEachTcpSocket(*diag, family, [&](const TcpSocket& tcp) { seen.push_back(tcp); });
    EXPECT_TRUE(listed.ok());
    return seen;
  }

 private:
  UniqueFd client_;
  UniqueFd server_;
  std::uint16_t server_port_ = 0;
};

TEST_F(PrivateNetwork, AnEstablishedConnectionIsListedFromBothEnds) {
  const LoopbackConnection connection(false);
  const std::vector<TcpSocket> seen = LoopbackConnection::List(AF_INET);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].local_port, seen[1].remote_port);
  EXPECT_EQ(seen[0].remote_ipv4, htonl(INADDR_LOOPBACK));
  const TcpSocket& sender = seen[0].remote_port == connection.server_port() ? seen[0] : seen[1];
  EXPECT_GT(sender.srtt_us, 0u);
  EXPECT_LT(sender.quiet_ms, 2000u);
}

TEST_F(PrivateNetwork, AMappedAddressIsReadAsTheIpv4AddressItIs) {
  if (!UniqueFd(socket(AF_INET6, SOCK_STREAM, 0)).valid()) GTEST_SKIP() << "no IPv6 here";
  const LoopbackConnection connection(true);
  const std::vector<TcpSocket> seen = LoopbackConnection::List(AF_INET6);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].local_port, connection.server_port());
  EXPECT_EQ(seen[0].remote_ipv4, htonl(INADDR_LOOPBACK));
  EXPECT_EQ(LoopbackConnection::List(AF_INET).size(), 1u);
}

}  // namespace
}  // namespace grayling::probe

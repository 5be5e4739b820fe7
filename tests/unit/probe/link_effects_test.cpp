// Real interfaces in a private network namespace. Needs root; netem itself needs a kernel that has
// it, and is skipped with a reason where it has not.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/fault/fault_revert.h"
#include "probe/fault/netem_effect.h"
#include "probe/kernel/links.h"
#include "probe/kernel/net_namespace.h"
#include "probe/kernel/tcp_sockets.h"
#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {
namespace {

NetlinkMessage AddVethMessage(const std::string& name, const std::string& peer) {
  NetlinkMessage message(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  message.Append(ifinfomsg{});
  message.AddString(IFLA_IFNAME, name);
  const std::size_t info = message.BeginNest(IFLA_LINKINFO);
  message.AddString(IFLA_INFO_KIND, "veth");
  const std::size_t data = message.BeginNest(IFLA_INFO_DATA);
  const std::size_t other = message.BeginNest(VETH_INFO_PEER);
  message.Append(ifinfomsg{});
  message.AddString(IFLA_IFNAME, peer);
  message.EndNest(other);
  message.EndNest(data);
  message.EndNest(info);
  return message;
}

// Somebody else's queue discipline, of a kind that every kernel here has.
NetlinkMessage AddPfifoMessage(int interface_index) {
  NetlinkMessage message(RTM_NEWQDISC, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  tcmsg header{};
  header.tcm_ifindex = interface_index;
  header.tcm_handle = 0x00ab0000;
  header.tcm_parent = TC_H_ROOT;
  message.Append(header);
  message.AddString(TCA_KIND, "pfifo");
  return message;
}

class PrivateNetwork : public testing::Test {
 protected:
  void SetUp() override {
    home_ = UniqueFd(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "no private network namespace: needs root";
    inside_ = true;
    route_ = std::move(*NetlinkSocket::Open(NETLINK_ROUTE));
    Status added = route_.Change(AddVethMessage("host0", "eth0"));
    ASSERT_TRUE(added.ok()) << added.error().sentence;
    index_ = static_cast<int>(if_nametoindex("host0"));
    settings_.mark_folder = folder_.path();
    settings_.keeper_cgroup = "";
  }
  void TearDown() override {
    if (!inside_) return;
    ASSERT_EQ(setns(home_.get(), CLONE_NEWNET), 0);
  }

  static FaultOrder Delay() {
    FaultOrder order;
    order.id = "f1";
    order.kind = "network.delay";
    order.ttl_ms = 60000;
    order.veth = "host0";
    order.parameters = {{"delay_ms", 30}, {"jitter_ms", 5}};
    return order;
  }

  // An interface that is down shows no qdisc at all.
  bool HasOnlyTheDefault() {
    const std::optional<Qdisc> root = *RootQdisc(route_, index_);
    return !root || root->IsKernelDefault();
  }

  const TemporaryFolder folder_;
  UniqueFd home_;
  bool inside_ = false;
  NetlinkSocket route_;
  int index_ = 0;
  FaultSettings settings_;
};

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

TEST_F(PrivateNetwork, SomebodyElsesQdiscIsNamedAndLeftAlone) {
  Status added = route_.Change(AddPfifoMessage(index_));
  ASSERT_TRUE(added.ok()) << added.error().sentence;
  Result<ApplyReport> report = ApplyFault(settings_, Delay());
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().sentence,
            "host0 already has the root qdisc pfifo ab:; end what set it, then try again");
  EXPECT_EQ((*RootQdisc(route_, index_))->kind, "pfifo");
  EXPECT_TRUE(MarkStore(folder_.path()).List()->marks.empty());
  EXPECT_TRUE(NetemEffect(Delay()).Revert().ok());
  EXPECT_EQ((*RootQdisc(route_, index_))->kind, "pfifo");
}

TEST_F(PrivateNetwork, AMissingInterfaceIsASentence) {
  FaultOrder order = Delay();
  order.veth = "veth-gone";
  Result<ApplyReport> report = ApplyFault(settings_, order);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().sentence,
            "there is no interface veth-gone; ask for the containers again");
}

TEST_F(PrivateNetwork, NetemIsAppliedReadBackAndRemoved) {
  Result<ApplyReport> report = ApplyFault(settings_, Delay());
  if (!report.ok() &&
      report.error().sentence.find("netem on host0: No such file") != std::string::npos) {
    EXPECT_TRUE(MarkStore(folder_.path()).List()->marks.empty());
    EXPECT_TRUE(HasOnlyTheDefault());
    GTEST_SKIP() << report.error().sentence;
  }
  ASSERT_TRUE(report.ok()) << report.error().sentence;
  EXPECT_EQ(report->read_back.text, "netem delay 30ms jitter 5ms limit 2890");
  EXPECT_EQ((*RootQdisc(route_, index_))->kind, "netem");
  ASSERT_TRUE(RevertFault(settings_, "f1").ok());
  EXPECT_TRUE(HasOnlyTheDefault());
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

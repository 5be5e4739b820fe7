// What the kinds network.* do to packets, seen at the other end of the link. Needs a kernel with
// netem and prio: skipped, with the kernel's words, where it has none.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>

#include "probe/fault/netem_effect.h"
#include "tests/unit/probe/private_network.h"

namespace grayling::probe {
namespace {

constexpr int kPatienceMs = 5000;

// IPv4 packets with a number, sent and received at one end as they are.
class End {
 public:
  explicit End(const std::string& name)
      : index_(static_cast<int>(if_nametoindex(name.c_str()))),
        socket_(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP))) {
    sockaddr_ll here = Address();
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&here), sizeof here), 0);
    const int room = 4 << 20;
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  }

  struct Packet {
    const char* source = "172.17.0.3";
    const char* destination = "172.17.0.4";
    std::uint16_t port = 8080;
  };

  void Send(std::uint32_t number, const Packet& packet) const {
    unsigned char bytes[64]{};
    bytes[0] = 0x45;
    bytes[9] = 17;
    inet_pton(AF_INET, packet.source, bytes + 12);
    inet_pton(AF_INET, packet.destination, bytes + 16);
    bytes[22] = static_cast<unsigned char>(packet.port >> 8);
    bytes[23] = static_cast<unsigned char>(packet.port);
    std::memcpy(bytes + 32, &number, sizeof number);
    const sockaddr_ll there = Address();
    EXPECT_EQ(sendto(socket_.get(), bytes, sizeof bytes, 0,
                     reinterpret_cast<const sockaddr*>(&there), sizeof there),
              static_cast<ssize_t>(sizeof bytes));
  }

  using Numbers = std::vector<std::uint32_t>;

  // The numbers as they arrive, until they are enough or none comes for seconds.
  Numbers Receive(const std::function<bool(const Numbers&)>& is_enough) const {
    Numbers numbers;
    pollfd waiting{socket_.get(), POLLIN, 0};
    while (!is_enough(numbers) && poll(&waiting, 1, kPatienceMs) > 0) {
      unsigned char bytes[64];
      sockaddr_ll from{};
      socklen_t size = sizeof from;
      const ssize_t n = recvfrom(socket_.get(), bytes, sizeof bytes, 0,
                                 reinterpret_cast<sockaddr*>(&from), &size);
      if (n != sizeof bytes || from.sll_pkttype == PACKET_OUTGOING) continue;
      std::uint32_t number = 0;
      std::memcpy(&number, bytes + 32, sizeof number);
      numbers.push_back(number);
    }
    return numbers;
  }

 private:
  sockaddr_ll Address() const {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_IP);
    address.sll_ifindex = index_;
    address.sll_halen = ETH_ALEN;
    std::memset(address.sll_addr, 0xff, ETH_ALEN);
    return address;
  }

  int index_;
  UniqueFd socket_;
};

// Before a packet socket is bound to it: one of an interface that is down has an error pending.
void SetUpInterface(const std::string& name) {
  const UniqueFd control(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  ASSERT_EQ(ioctl(control.get(), SIOCSIFFLAGS, &request), 0);
}

class NetworkPackets : public PrivateNetwork {
 protected:
  void SetUp() override {
    PrivateNetwork::SetUp();
    if (IsSkipped()) return;
    SetUpInterface("host0");
    SetUpInterface("eth0");
    host_ = std::make_unique<End>("host0");
    container_ = std::make_unique<End>("eth0");
  }

  // Null when this kernel cannot: then the test is skipped.
  std::unique_ptr<NetemEffect> Applied(const std::string& kind,
                                       std::map<std::string, double> parameters,
                                       const std::string& direction = "in",
                                       std::vector<std::string> peers = {}) {
    FaultOrder order;
    order.id = "f1";
    order.kind = "network." + kind;
    order.ttl_ms = 60000;
    order.veth = "host0";
    order.pid = getpid();
    order.parameters = std::move(parameters);
    order.options = {{"direction", direction}};
    order.peer_addresses = std::move(peers);
    auto effect = std::make_unique<NetemEffect>(order);
    const Result<ReadBack> applied = effect->Apply();
    if (applied.ok()) return effect;
    reason_ = applied.error().sentence;
    EXPECT_NE(reason_.find("No such file"), std::string::npos) << reason_;
    return nullptr;
  }

  // How many of `count` packets come through, from one end to the other. The last one, sent when
  // the fault does nothing, tells that no more will come.
  static std::size_t Passing(NetemEffect& effect, const End& from, const End& to, int count,
                             const End::Packet& packet) {
    for (int i = 0; i < count; ++i) from.Send(static_cast<std::uint32_t>(i), packet);
    EXPECT_TRUE(effect.SetShare(0).ok());
    from.Send(kLast, {});
    const End::Numbers numbers = to.Receive(
        [](const End::Numbers& received) { return !received.empty() && received.back() == kLast; });
    EXPECT_FALSE(numbers.empty());
    EXPECT_TRUE(effect.SetShare(1).ok());
    return numbers.empty() ? 0 : numbers.size() - 1;
  }

  static constexpr std::uint32_t kLast = 0xffffffff;
  std::unique_ptr<End> host_;
  std::unique_ptr<End> container_;
  std::string reason_;
};

TEST_F(NetworkPackets, NoneIsLostOrDoubledWhileTheIntensityChanges) {
  const auto effect = Applied("delay", {{"delay_ms", 20}, {"jitter_ms", 5}});
  if (!effect) GTEST_SKIP() << reason_;
  constexpr std::uint32_t kCount = 500;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    host_->Send(i, {});
    if (i % 20 != 0) continue;
    ASSERT_TRUE(effect->SetShare(static_cast<double>(i % 100) / 100).ok());
  }
  End::Numbers numbers =
      container_->Receive([](const End::Numbers& received) { return received.size() == kCount; });
  std::sort(numbers.begin(), numbers.end());
  ASSERT_EQ(numbers.size(), kCount);
  for (std::uint32_t i = 0; i < kCount; ++i) EXPECT_EQ(numbers[i], i);
}

TEST_F(NetworkPackets, APartitionDropsAllOfItsDirectionAndNoneOfTheOther) {
  for (const char* direction : {"in", "out", "both"}) {
    const auto effect = Applied("partition", {}, direction);
    if (!effect) GTEST_SKIP() << reason_;
    const bool in = std::strcmp(direction, "out") != 0;
    const bool out = std::strcmp(direction, "in") != 0;
    EXPECT_EQ(Passing(*effect, *host_, *container_, 50, {}), in ? 0u : 50u) << direction;
    EXPECT_EQ(Passing(*effect, *container_, *host_, 50, {}), out ? 0u : 50u) << direction;
    EXPECT_TRUE(effect->Revert().ok());
  }
}

TEST_F(NetworkPackets, OnlyThePeersPacketsAreTouched) {
  const End::Packet from_peer{"172.17.0.3", "172.17.0.4"};
  const End::Packet to_peer{"172.17.0.4", "172.17.0.3"};
  const End::Packet other{"172.17.0.5", "172.17.0.4"};
  const auto effect = Applied("partition", {}, "both", {"172.17.0.3", "172.17.0.9"});
  if (!effect) GTEST_SKIP() << reason_;
  EXPECT_EQ(Passing(*effect, *host_, *container_, 50, from_peer), 0u);
  EXPECT_EQ(Passing(*effect, *host_, *container_, 50, to_peer), 50u);
  EXPECT_EQ(Passing(*effect, *host_, *container_, 50, other), 50u);
  EXPECT_EQ(Passing(*effect, *container_, *host_, 50, to_peer), 0u);
  EXPECT_EQ(Passing(*effect, *container_, *host_, 50, other), 50u);
}

TEST_F(NetworkPackets, OnlyThePortsPacketsAreTouched) {
  const auto effect = Applied("partition", {{"port", 8080}});
  if (!effect) GTEST_SKIP() << reason_;
  EXPECT_EQ(Passing(*effect, *host_, *container_, 50, {}), 0u);
  EXPECT_EQ(Passing(*effect, *host_, *container_, 50, {"172.17.0.3", "172.17.0.4", 8081}), 50u);
}

TEST_F(NetworkPackets, TheShareThatIsLostIsTheOneAskedForWithAndWithoutCorrelation) {
  for (const double correlation : {0.0, 75.0}) {
    const auto effect = Applied("loss", {{"percent", 20}, {"correlation_percent", correlation}});
    if (!effect) GTEST_SKIP() << reason_;
    const auto passing = static_cast<double>(Passing(*effect, *host_, *container_, 10000, {}));
    // Six standard deviations; correlated losses come in runs of about 1 / (1 - correlation).
    EXPECT_NEAR(passing, 8000, correlation == 0 ? 240 : 700);
    EXPECT_TRUE(effect->Revert().ok());
  }
}

TEST_F(NetworkPackets, TheShareThatIsDoubledIsTheOneAskedFor) {
  const auto effect = Applied("duplicate", {{"percent", 20}});
  if (!effect) GTEST_SKIP() << reason_;
  EXPECT_NEAR(static_cast<double>(Passing(*effect, *host_, *container_, 5000, {})), 6000, 170);
}

}  // namespace
}  // namespace grayling::probe

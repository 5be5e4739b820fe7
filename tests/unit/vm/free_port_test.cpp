#include "daemon/vm/free_port.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace grayling {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::Le;

class Listener {
 public:
  Listener() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(fd_, 1), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  Listener(const Listener&) = delete;
  ~Listener() { close(fd_); }
  uint16_t port() const { return port_; }

 private:
  const int fd_;
  uint16_t port_ = 0;
};

TEST(FreePort, APortWithAListenerIsNotFree) {
  const Listener listener;
  EXPECT_FALSE(IsLocalPortFree(listener.port()));
}

TEST(FreePort, ChosenPortsAreDifferentAndBelowTheRangeForOutgoingConnections) {
  const std::vector<uint16_t> ports = *FreeLocalPorts(20, {});
  EXPECT_EQ(std::set<uint16_t>(ports.begin(), ports.end()).size(), 20);
  EXPECT_THAT(ports, Each(AllOf(Ge(20000), Le(29999))));
}

TEST(FreePort, ReservedPortsAreNeverChosen) {
  std::set<uint16_t> reserved;
  for (uint16_t port = 20000; port < 30000; ++port) {
    if (port % 1000 != 7) reserved.insert(port);
  }
  const auto ports = FreeLocalPorts(3, reserved);
  ASSERT_TRUE(ports.ok()) << ports.status();
  for (const uint16_t port : *ports) EXPECT_EQ(port % 1000, 7);
}

TEST(FreePort, AskingForMoreThanThereAreIsRefused) {
  EXPECT_EQ(FreeLocalPorts(10001, {}).status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace grayling

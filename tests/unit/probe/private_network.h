// Real interfaces in a private network namespace: a veth pair, host0 and eth0, both ends in it.
// Needs root; skipped with a reason without.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>

#include <string>

#include "probe/kernel/netlink_socket.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {

inline NetlinkMessage AddVethMessage(const std::string& name, const std::string& peer) {
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
    eth_index_ = static_cast<int>(if_nametoindex("eth0"));
  }
  void TearDown() override {
    if (!inside_) return;
    ASSERT_EQ(setns(home_.get(), CLONE_NEWNET), 0);
  }

  UniqueFd home_;
  bool inside_ = false;
  NetlinkSocket route_;
  int index_ = 0;
  int eth_index_ = 0;
};

}  // namespace grayling::probe

// The kinds network.* on real interfaces. netem and prio need a kernel that has them: what does is
// skipped, with the kernel's own words, where it has not.
#include <sys/wait.h>
#include <unistd.h>

#include "probe/fault/fault_revert.h"
#include "probe/fault/netem_effect.h"
#include "probe/kernel/links.h"
#include "tests/unit/probe/private_network.h"
#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {
namespace {

class NetworkEffect : public PrivateNetwork {
 protected:
  void SetUp() override {
    PrivateNetwork::SetUp();
    settings_.mark_folder = folder_.path();
    settings_.keeper_cgroup = "";
  }

  static FaultOrder Order(const std::string& kind, std::map<std::string, double> parameters,
                          const std::string& direction = "in") {
    FaultOrder order;
    order.id = "f1";
    order.kind = "network." + kind;
    order.ttl_ms = 60000;
    order.veth = "host0";
    order.pid = getpid();
    order.parameters = std::move(parameters);
    order.options = {{"direction", direction}};
    return order;
  }

  // Whether the kernel has what it takes; else skips with its reason.
  bool Applied(const Result<ReadBack>& applied) {
    if (applied.ok()) return true;
    EXPECT_NE(applied.error().sentence.find("No such file"), std::string::npos)
        << applied.error().sentence;
    return false;
  }

  // An interface that is down shows no qdisc at all.
  bool HasOnlyTheDefault(int index) {
    const std::optional<Qdisc> root = *RootQdisc(route_, index);
    return !root || root->IsKernelDefault();
  }

  std::string RootOf(int index) {
    const std::optional<Qdisc> root = *RootQdisc(route_, index);
    return root ? root->kind : "none";
  }

  const TemporaryFolder folder_;
  FaultSettings settings_;
};

TEST_F(NetworkEffect, AMissingInterfaceIsASentence) {
  FaultOrder order = Order("delay", {{"delay_ms", 30}});
  order.veth = "veth-gone";
  Result<ApplyReport> report = ApplyFault(settings_, order);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().sentence,
            "there is no interface veth-gone; ask for the containers again");
  EXPECT_TRUE(MarkStore(folder_.path()).List()->marks.empty());
}

TEST_F(NetworkEffect, ADirectionFromTheContainerNeedsItsProcess) {
  FaultOrder order = Order("delay", {{"delay_ms", 30}}, "both");
  order.pid = 0;
  EXPECT_EQ(NetemEffect(order).ReadEarlier().error().sentence,
            "direction out and both need --pid NUMBER, a process of the container");
  order.pid = getppid();  // in another namespace, where the other end is not
  EXPECT_EQ(NetemEffect(order).ReadEarlier().error().sentence,
            "the container's end of host0 is not in the network namespace of process " +
                std::to_string(getppid()) + "; ask for the containers again");
}

TEST_F(NetworkEffect, APeerWithoutAnAddressDoesNotHurtEverybody) {
  FaultOrder order = Order("partition", {});
  order.options["peer"] = "vets-service";
  EXPECT_EQ(NetemEffect(order).ReadEarlier().error().sentence,
            "option peer is 'vets-service' but no --peer-address says where that is");
  order.peer_addresses = {"nonsense"};
  EXPECT_EQ(NetemEffect(order).ReadEarlier().error().sentence,
            "'nonsense' is no address of a peer; give an IPv4 or IPv6 address");
}

TEST_F(NetworkEffect, AKernelWithoutItLeavesNothingBehind) {
  ASSERT_TRUE(route_.Change(SetQueueLengthMessage(index_, 0)).ok());
  Result<ApplyReport> report = ApplyFault(settings_, Order("delay", {{"delay_ms", 30}}, "both"));
  if (report.ok()) {
    ASSERT_TRUE(RevertFault(settings_, "f1").ok());
  } else {
    EXPECT_EQ(report.error().sentence.rfind("the kernel refused netem on host0: No such file", 0),
              0u)
        << report.error().sentence;
    EXPECT_TRUE(MarkStore(folder_.path()).List()->marks.empty());
  }
  EXPECT_TRUE(HasOnlyTheDefault(index_));
  EXPECT_TRUE(HasOnlyTheDefault(eth_index_));
  EXPECT_EQ((*FindLink(route_, index_))->queue_length, 0);
}

TEST_F(NetworkEffect, EachKindIsAppliedReadBackChangedAndRemovedAtBothEnds) {
  const std::map<std::string, std::map<std::string, double>> kinds{
      {"delay", {{"delay_ms", 30}, {"jitter_ms", 5}, {"correlation_percent", 25}}},
      {"loss", {{"percent", 5}, {"correlation_percent", 50}}},
      {"corrupt", {{"percent", 5}}},
      {"duplicate", {{"percent", 5}}},
      {"reorder", {{"percent", 25}, {"delay_ms", 10}}},
      {"rate", {{"kbit_per_s", 500}}},
      {"partition", {}}};
  for (const auto& [kind, parameters] : kinds) {
    NetemEffect effect(Order(kind, parameters, "both"));
    ASSERT_TRUE(effect.ReadEarlier().ok());
    Result<ReadBack> applied = effect.Apply();
    if (!Applied(applied)) GTEST_SKIP() << applied.error().sentence;
    if (!parameters.empty() && kind != "delay") {
      const std::string name = kind == "rate" ? "kbit_per_s" : "percent";
      EXPECT_NEAR(applied->values.at(name), parameters.at(name), 1e-6) << kind;
    }
    EXPECT_EQ(RootOf(index_), "netem");
    EXPECT_EQ(RootOf(eth_index_), "netem");
    for (const double share : {0.0, 0.3, 1.0, 0.7}) {
      Status changed = effect.SetShare(share);
      ASSERT_TRUE(changed.ok()) << kind << ": " << changed.error().sentence;
      EXPECT_TRUE(effect.StillThere().ok()) << kind << " at " << share;
    }
    Status reverted = effect.Revert();
    EXPECT_TRUE(reverted.ok()) << reverted.error().sentence;
    EXPECT_TRUE(HasOnlyTheDefault(index_)) << kind;
    EXPECT_TRUE(HasOnlyTheDefault(eth_index_)) << kind;
  }
}

TEST_F(NetworkEffect, APeersAndPortsFiltersAreSetReadBackAndGoWithTheFault) {
  FaultOrder order = Order("delay", {{"delay_ms", 30}, {"port", 8080}}, "both");
  order.peer_addresses = {"172.17.0.3", "fd00::3"};
  NetemEffect effect(order);
  ASSERT_TRUE(effect.ReadEarlier().ok());
  Result<ReadBack> applied = effect.Apply();
  if (!Applied(applied)) {
    EXPECT_TRUE(effect.Revert().ok());
    GTEST_SKIP() << applied.error().sentence;
  }
  EXPECT_EQ(applied->text,
            "netem delay 30ms limit 2477, in both directions, only of 172.17.0.3 fd00::3, "
            "only of port 8080");
  for (const int index : {index_, eth_index_}) {
    const std::uint32_t handle = (*RootQdisc(route_, index))->handle;
    EXPECT_EQ(RootOf(index), "prio");
    EXPECT_EQ(ListFilters(route_, index, handle)->size(), 8u);
  }
  ASSERT_TRUE(effect.SetShare(0.5).ok());
  EXPECT_TRUE(effect.StillThere().ok());
  EXPECT_TRUE(effect.Revert().ok());
  EXPECT_TRUE(HasOnlyTheDefault(index_));
  EXPECT_TRUE(HasOnlyTheDefault(eth_index_));
}

TEST_F(NetworkEffect, ARemovedAndAnAlteredNetemAreNoticedOnEitherEnd) {
  for (const int index : {index_, eth_index_}) {
    for (const bool removed : {true, false}) {
      NetemEffect effect(Order("loss", {{"percent", 5}}, "both"));
      ASSERT_TRUE(effect.ReadEarlier().ok());
      Result<ReadBack> applied = effect.Apply();
      if (!Applied(applied)) GTEST_SKIP() << applied.error().sentence;
      Qdisc ours = **RootQdisc(route_, index);
      if (removed) {
        ASSERT_TRUE(route_.Change(DeleteRootQdiscMessage(index, ours.handle)).ok());
      } else {
        NetemSettings other = *ours.Netem();
        other.loss = NetemShare(1);
        ours.options = NetemOptions(other, {});
        ASSERT_TRUE(route_.Change(SetQdiscMessage(ours, QdiscChange::kTune)).ok());
      }
      EXPECT_FALSE(effect.StillThere().ok());
      EXPECT_TRUE(effect.Revert().ok());
    }
  }
}

TEST_F(NetworkEffect, AnotherFaultOfOursIsNeitherCoveredNorBroughtBackLater) {
  NetemEffect first(Order("loss", {{"percent", 5}}));
  Result<ReadBack> applied = first.Apply();
  if (!Applied(applied)) GTEST_SKIP() << applied.error().sentence;
  FaultOrder second = Order("delay", {{"delay_ms", 9}});
  second.id = "f2";
  Result<std::map<std::string, std::string>> earlier = NetemEffect(second).ReadEarlier();
  ASSERT_FALSE(earlier.ok());
  EXPECT_NE(earlier.error().sentence.find("another fault of Grayling's; revert that one first"),
            std::string::npos);
  EXPECT_TRUE(NetemEffect(second).Revert().ok());
  EXPECT_TRUE(first.StillThere().ok());  // reverting the second left it alone
  EXPECT_TRUE(first.Revert().ok());
}

// The first process of a container may die while others keep its namespace, and so the fault,
// alive.
TEST_F(NetworkEffect, TheOtherEndIsFoundAgainWhenItsProcessIsGoneButItsNamespaceIsNot) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  UniqueFd child_reads(ends[0]);
  UniqueFd hold(ends[1]);
  const pid_t child = fork();
  if (child == 0) {
    hold.Reset();
    char byte = 0;
    _exit(static_cast<int>(read(child_reads.get(), &byte, 1)));
  }
  FaultOrder order = Order("loss", {{"percent", 5}}, "out");
  order.pid = child;
  order.earlier = *NetemEffect(order).ReadEarlier();
  Result<ReadBack> applied = NetemEffect(order).Apply();
  hold.Reset();
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  if (!Applied(applied)) GTEST_SKIP() << applied.error().sentence;
  EXPECT_TRUE(NetemEffect(order).StillThere().ok());
  EXPECT_TRUE(NetemEffect(order).Revert().ok());
  EXPECT_TRUE(HasOnlyTheDefault(eth_index_));
}

TEST_F(NetworkEffect, WhenTheLinkIsGoneTheFaultIsGoneWithIt) {
  NetemEffect effect(Order("loss", {{"percent", 5}}, "both"));
  Result<ReadBack> applied = effect.Apply();
  if (!Applied(applied)) GTEST_SKIP() << applied.error().sentence;
  NetlinkMessage remove(RTM_DELLINK, NLM_F_REQUEST | NLM_F_ACK);
  ifinfomsg header{};
  header.ifi_index = index_;
  remove.Append(header);
  ASSERT_TRUE(route_.Change(remove).ok());
  EXPECT_EQ(effect.StillThere().error().sentence, "host0 is gone");
  EXPECT_TRUE(effect.Revert().ok());
}

}  // namespace
}  // namespace grayling::probe

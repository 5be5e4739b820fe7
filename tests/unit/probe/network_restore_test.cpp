// An earlier qdisc is put back as it was. Real interfaces; each kind that this kernel has.
#include <linux/pkt_sched.h>

#include "probe/fault/netem_effect.h"
#include "probe/fault/network_earlier.h"
#include "probe/kernel/u32_filter.h"
#include "tests/unit/probe/private_network.h"

namespace grayling::probe {
namespace {

constexpr std::uint32_t kTheirs = 0x00ab0000;

template <typename Fill>
std::vector<char> Options(const Fill& fill) {
  AttributeBytes bytes;
  fill(bytes);
  return {bytes.bytes().begin(), bytes.bytes().end()};
}

std::vector<char> TbfOptions() {
  return Options([](AttributeBytes& bytes) {
    tc_tbf_qopt parameters{};
    parameters.rate.rate = 125000;
    parameters.rate.linklayer = 1;  // Ethernet: no rate table needed
    parameters.limit = 30000;
    parameters.buffer = 500000;  // 64 ns each
    parameters.mtu = 0;
    bytes.AddValue(TCA_TBF_PARMS, parameters);
  });
}

// Of those that somebody may have set, with settings that are no defaults.
std::map<std::string, std::vector<char>> Kinds() {
  return {
      {"tbf", TbfOptions()},
      {"pfifo", Options([](AttributeBytes& b) { b.Append(tc_fifo_qopt{123}); })},
      {"bfifo", Options([](AttributeBytes& b) { b.Append(tc_fifo_qopt{45678}); })},
      {"fq_codel", Options([](AttributeBytes& b) {
         b.AddValue(TCA_FQ_CODEL_TARGET, std::uint32_t{7001});
         b.AddValue(TCA_FQ_CODEL_FLOWS, std::uint32_t{64});
         b.AddValue(TCA_FQ_CODEL_LIMIT, std::uint32_t{4321});
       })},
      {"codel", Options([](AttributeBytes& b) {
         b.AddValue(TCA_CODEL_TARGET, std::uint32_t{6003});
         b.AddValue(TCA_CODEL_INTERVAL, std::uint32_t{90001});
       })},
      {"fq", Options([](AttributeBytes& b) {
         b.AddValue(TCA_FQ_PLIMIT, std::uint32_t{777});
         b.AddValue(TCA_FQ_FLOW_MAX_RATE, std::uint32_t{1250000});
       })},
      {"pie", Options([](AttributeBytes& b) { b.AddValue(TCA_PIE_TARGET, std::uint32_t{17}); })},
      {"noqueue", {}},
      {"pfifo_head_drop", Options([](AttributeBytes& b) { b.Append(tc_fifo_qopt{321}); })},
      {"prio", Options([](AttributeBytes& b) {
         b.Append(tc_prio_qopt{3, {1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0}});
       })},
      {"netem", NetemOptions({.latency_ns = 3'000'000, .limit = 55}, {})}};
}

class EarlierQdisc : public PrivateNetwork {
 protected:
  // What netem and prio do on kernels that have them: take the root's place.
  Status TakeTheRoot(std::uint32_t handle) {
    return route_.Change(
        SetQdiscMessage({index_, handle, TC_H_ROOT, "pfifo",
                         Options([](AttributeBytes& b) { b.Append(tc_fifo_qopt{9}); })},
                        QdiscChange::kReplace));
  }
  Status Set(const std::string& kind, const std::vector<char>& options) {
    return route_.Change(
        SetQdiscMessage({index_, kTheirs, TC_H_ROOT, kind, options}, QdiscChange::kAdd));
  }
  void Clear() {
    const std::optional<Qdisc> root = *RootQdisc(route_, index_);
    if (root && !root->IsKernelDefault()) {
      ASSERT_TRUE(route_.Change(DeleteRootQdiscMessage(index_, root->handle)).ok());
    }
  }
  static FaultOrder Loss() {
    FaultOrder order;
    order.id = "f1";
    order.kind = "network.loss";
    order.ttl_ms = 60000;
    order.veth = "host0";
    order.parameters = {{"percent", 5}};
    return order;
  }
};

TEST_F(EarlierQdisc, EachKindIsRestoredByteForByteInPlaceOfOurs) {
  int restored = 0;
  for (const auto& [kind, options] : Kinds()) {
    if (!Set(kind, options).ok()) continue;  // not in this kernel
    Result<std::optional<Qdisc>> before = ReadRestorableRoot(route_, index_, "host0");
    ASSERT_TRUE(before.ok()) << before.error().sentence;
    ASSERT_TRUE(*before) << kind;
    ASSERT_TRUE(TakeTheRoot(0x47110000).ok());
    ASSERT_NE(*RootQdisc(route_, index_), *before);
    Status again = RestoreRoot(route_, **before, true);
    EXPECT_TRUE(again.ok()) << kind << ": " << again.error().sentence;
    EXPECT_EQ(*RootQdisc(route_, index_), *before) << kind;
    RecordProperty("restored_" + kind, "yes");
    ++restored;
    Clear();
  }
  EXPECT_GE(restored, 3) << "tbf, pfifo and bfifo are in every kernel";
}

TEST_F(EarlierQdisc, IsRestoredAfterAFaultTooWhetherItCameToBeOrNot) {
  for (const auto& [kind, options] : Kinds()) {
    if (!Set(kind, options).ok()) continue;
    const std::optional<Qdisc> before = *RootQdisc(route_, index_);
    FaultOrder order = Loss();
    Result<std::map<std::string, std::string>> earlier = NetemEffect(order).ReadEarlier();
    ASSERT_TRUE(earlier.ok()) << earlier.error().sentence;
    order.earlier = *earlier;
    NetemEffect effect(order);
    Result<ReadBack> applied = effect.Apply();
    EXPECT_EQ(applied.ok(), *RootQdisc(route_, index_) != before) << kind;
    // By another object, as after the death of the first one.
    Status reverted = NetemEffect(order).Revert();
    EXPECT_TRUE(reverted.ok()) << kind << ": " << reverted.error().sentence;
    EXPECT_EQ(*RootQdisc(route_, index_), before) << kind;
    EXPECT_TRUE(NetemEffect(order).Revert().ok());
    EXPECT_EQ(*RootQdisc(route_, index_), before) << kind;
    Clear();
  }
}

TEST_F(EarlierQdisc, OneWithClassesIsRefusedBeforeAnythingChanges) {
  tc_htb_glob global{};
  global.version = 3;
  global.rate2quantum = 10;
  ASSERT_TRUE(
      Set("htb", Options([&](AttributeBytes& b) { b.AddValue(TCA_HTB_INIT, global); })).ok());
  Result<std::map<std::string, std::string>> earlier = NetemEffect(Loss()).ReadEarlier();
  ASSERT_FALSE(earlier.ok());
  EXPECT_EQ(earlier.error().sentence,
            "host0 already has the root qdisc htb ab:, which could not be put back after the "
            "fault; remove it, then try again");
  EXPECT_EQ((*RootQdisc(route_, index_))->kind, "htb");
}

TEST_F(EarlierQdisc, OneWithOthersBelowItIsRefused) {
  ASSERT_TRUE(Set("tbf", TbfOptions()).ok());
  ASSERT_TRUE(route_
                  .Change(SetQdiscMessage({index_, 0x00cd0000, kTheirs | 1, "pfifo", {}},
                                          QdiscChange::kReplace))
                  .ok());
  EXPECT_EQ(NetemEffect(Loss()).ReadEarlier().error().sentence,
            "host0 already has the root qdisc tbf ab: with others below it, which could not be put "
            "back after the fault; remove it, then try again");
}

TEST_F(EarlierQdisc, OneThatChangedWhileTheFaultStartedIsNotCovered) {
  FaultOrder order = Loss();
  order.earlier = *NetemEffect(order).ReadEarlier();
  ASSERT_TRUE(Set("pfifo", {}).ok());
  EXPECT_EQ(NetemEffect(order).Apply().error().sentence,
            "somebody changed the qdisc of host0 while the fault was starting; try again");
  EXPECT_TRUE(NetemEffect(order).Revert().ok());
  EXPECT_EQ((*RootQdisc(route_, index_))->kind, "pfifo");
}

TEST_F(EarlierQdisc, FiltersReadBackFromTheKernelAreWhatWasSet) {
  // htb stands in for prio, which not every kernel has: filters hang on either alike.
  tc_htb_glob global{};
  global.version = 3;
  global.rate2quantum = 10;
  ASSERT_TRUE(
      Set("htb", Options([&](AttributeBytes& b) { b.AddValue(TCA_HTB_INIT, global); })).ok());
  const PacketMatch match{{"172.17.0.3", "fd00::3"}, true, 8080};
  const std::vector<U32Filter> filters = *FiltersFor(match, kTheirs | 4);
  for (const U32Filter& filter : filters) {
    Status added = route_.Change(AddFilterMessage(index_, kTheirs, filter));
    ASSERT_TRUE(added.ok()) << added.error().sentence;
  }
  EXPECT_EQ(*ListFilters(route_, index_, kTheirs), filters);
}

}  // namespace
}  // namespace grayling::probe

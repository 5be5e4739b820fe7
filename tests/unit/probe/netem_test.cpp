#include "probe/kernel/netem.h"

#include <gtest/gtest.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <rapidcheck.h>

#include <cmath>
#include <random>

#include "probe/kernel/netem_correlation.h"
#include "probe/kernel/netem_distribution.h"
#include "probe/kernel/qdisc.h"
#include "tests/unit/probe/hex.h"

namespace grayling::probe {
namespace {

NetemSettings AllOfIt() {
  NetemSettings settings;
  settings.latency_ns = 30'000'000;
  settings.jitter_ns = 5'000'000;
  settings.delay_correlation = NetemShare(25);
  settings.loss = NetemShare(2);
  settings.loss_correlation = NetemShare(10);
  settings.duplicate = NetemShare(3);
  settings.duplicate_correlation = NetemShare(20);
  settings.corrupt = NetemShare(4);
  settings.corrupt_correlation = NetemShare(35);
  settings.gap = 1;
  settings.reorder = NetemShare(50);
  settings.reorder_correlation = NetemShare(40);
  settings.bytes_per_s = 1'000'000;
  settings.limit = 2891;
  return settings;
}

TEST(Netem, SettingAllOfItIsTheseBytes) {
  const Qdisc qdisc{7, 0x47110000, TC_H_ROOT, "netem", NetemOptions(AllOfIt(), {})};
  NetlinkMessage message = SetQdiscMessage(qdisc, QdiscChange::kAdd);
  message.SetSequence(3);
  EXPECT_EQ(Hex(message.bytes()),
            // nlmsghdr: length 160, RTM_NEWQDISC, REQUEST|ACK|EXCL|CREATE, sequence 3, port 0
            "a0000000 24000506 03000000 00000000 "
            // tcmsg: unspecified family, interface 7, handle 4711:, parent root, info 0
            "00000000 07000000 00001147 ffffffff 00000000 "
            // TCA_KIND "netem", padded
            "0a000100 6e657465 6d000000 "
            // TCA_OPTIONS, 112 bytes: 468750 ticks, limit 2891, loss, gap 1, duplicate, 78125 ticks
            "70000200 0e270700 4b0b0000 52b81e05 01000000 7b14ae07 2d310100 "
            // TCA_NETEM_LATENCY64 30,000,000 ns, TCA_NETEM_JITTER64 5,000,000 ns
            "0c000a00 80c3c901 00000000 0c000b00 404b4c00 00000000 "
            // TCA_NETEM_CORR of delay, loss, duplicate; _REORDER, _CORRUPT: share, correlation
            "10000100 00000040 9a999919 33333333 0c000300 00000080 66666666 "
            "0c000400 a4703d0a 99999959 "
            // TCA_NETEM_RATE 1,000,000 bytes/s, no overheads
            "14000600 40420f00 00000000 00000000 00000000");
}

// Caught with strace from iproute2 6.1: tc qdisc add ... netem limit 2891 delay 30ms 5ms 25% loss
// 2% 10% duplicate 3% 20% corrupt 4% 30% reorder 50% 40% gap 1 rate 8mbit
TEST(Netem, ItsToolsOwnBytesAreUnderstood) {
  const unsigned char options[] = {
      0x0e, 0x27, 0x07, 0x00, 0x4b, 0x0b, 0x00, 0x00, 0x52, 0xb8, 0x1e, 0x05, 0x01, 0x00,
      0x00, 0x00, 0x7b, 0x14, 0xae, 0x07, 0x2d, 0x31, 0x01, 0x00, 0x10, 0x00, 0x01, 0x00,
      0x00, 0x00, 0x00, 0x40, 0x9a, 0x99, 0x99, 0x19, 0x33, 0x33, 0x33, 0x33, 0x0c, 0x00,
      0x03, 0x00, 0x00, 0x00, 0x00, 0x80, 0x66, 0x66, 0x66, 0x66, 0x0c, 0x00, 0x04, 0x00,
      0xa4, 0x70, 0x3d, 0x0a, 0xcc, 0xcc, 0xcc, 0x4c, 0x14, 0x00, 0x06, 0x00, 0x40, 0x42,
      0x0f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
  const auto read = ParseNetemOptions({reinterpret_cast<const char*>(options), sizeof options});
  ASSERT_TRUE(read);
  NetemSettings expected = AllOfIt();
  expected.corrupt_correlation = 0x4ccccccc;
  EXPECT_EQ(*read, expected) << Describe(*read);
}

TEST(Netem, AnySettingIsReadBackEqual) {
  EXPECT_TRUE(rc::check([] {
    const auto share = [] { return *rc::gen::arbitrary<std::uint32_t>(); };
    NetemSettings settings;
    settings.latency_ns = *rc::gen::inRange<std::int64_t>(0, 20'000'000'000);
    settings.jitter_ns = *rc::gen::inRange<std::int64_t>(0, 20'000'000'000);
    settings.bytes_per_s = *rc::gen::inRange<std::uint64_t>(0, 1ULL << 40);
    for (std::uint32_t* number :
         {&settings.loss, &settings.limit, &settings.gap, &settings.reorder, &settings.duplicate,
          &settings.corrupt, &settings.delay_correlation, &settings.loss_correlation,
          &settings.duplicate_correlation, &settings.reorder_correlation,
          &settings.corrupt_correlation}) {
      *number = share();
    }
    const auto table = *rc::gen::arbitrary<std::vector<std::int16_t>>();
    RC_ASSERT(ParseNetemOptions(NetemOptions(settings, table)) == settings);
  }));
}

TEST(Netem, NoPrefixOfItsOptionsIsReadBeyondItsEnd) {
  const std::vector<char> options = NetemOptions(AllOfIt(), {});
  for (std::size_t size = 0; size < options.size(); ++size) {
    const std::vector<char> cut(options.begin(), options.begin() + static_cast<long>(size));
    EXPECT_NE(ParseNetemOptions(cut), AllOfIt()) << size;
  }
}

TEST(Netem, ARateBeyond32BitsGoesInBothAttributes) {
  NetemSettings settings;
  settings.bytes_per_s = 0x1'0000'0005;
  const std::vector<char> options = NetemOptions(settings, {});
  const Bytes attributes = Bytes(options).subspan(sizeof(tc_netem_qopt));
  EXPECT_EQ(Hex(*FindAttribute(attributes, TCA_NETEM_RATE64)), "05000000 01000000");
  EXPECT_EQ(Hex(*FindAttribute(attributes, TCA_NETEM_RATE)), "ffffffff 00000000 00000000 00000000");
}

TEST(Netem, ADistributionIs16BitNumbersInOneAttribute) {
  const std::vector<char> options = NetemOptions(NetemSettings{}, {1, -2});
  const Bytes attributes = Bytes(options).subspan(sizeof(tc_netem_qopt));
  EXPECT_EQ(Hex(*FindAttribute(attributes, TCA_NETEM_DELAY_DIST)), "0100feff");
}

TEST(Netem, PercentSurviveTheKernelsFraction) {
  for (const double percent : {0.0, 0.1, 2.0, 33.3, 60.0, 99.99, 100.0}) {
    EXPECT_DOUBLE_EQ(NetemPercent(NetemShare(percent)), percent);
  }
  EXPECT_EQ(NetemShare(100), 0xffffffffu);
}

TEST(Netem, TheQueueHoldsWhatAGigabitSendsDuringTheDelay) {
  EXPECT_EQ(NetemLimit(1'000'000), 1000u);
  EXPECT_EQ(NetemLimit(1'000'000'000), 82563u);
  EXPECT_EQ(NetemLimit(35'000'000), 2890u);
}

TEST(Netem, ASlowLinksQueueIsHalfASecondLong) {
  EXPECT_EQ(NetemRateLimit(125'000), 42u);  // 1 Mbit/s
  EXPECT_EQ(NetemRateLimit(12'500'000), 4129u);
  EXPECT_EQ(NetemRateLimit(1'000), 32u);
}

TEST(Netem, IsDescribedInTheWordsOfItsTool) {
  EXPECT_EQ(Describe(AllOfIt()),
            "netem delay 30ms jitter 5ms 25% loss 2% 10% duplicate 3% 20% corrupt 4% 35% "
            "reorder 50% 40% rate 8000kbit/s limit 2891");
  EXPECT_EQ(Describe(NetemSettings{}), "netem limit 0");
}

std::uint32_t Fnv(const std::vector<std::int16_t>& table) {
  std::uint32_t hash = 2166136261U;
  for (const std::int16_t entry : table) {
    const unsigned bits = static_cast<std::uint16_t>(entry);
    for (const unsigned byte : {bits & 0xff, bits >> 8}) hash = (hash ^ byte) * 16777619U;
  }
  return hash;
}

// The hashes are of the files normal.dist and pareto.dist of iproute2 6.1.
TEST(NetemDistribution, TablesAreTheToolsOwnEntryByEntry) {
  const std::vector<std::int16_t> normal = DistributionTable("normal");
  ASSERT_EQ(normal.size(), 4096u);
  EXPECT_EQ(Fnv(normal), 0xc14b20d8u);
  const std::vector<std::int16_t> pareto = DistributionTable("pareto");
  ASSERT_EQ(pareto.size(), 4096u);
  EXPECT_EQ(Fnv(pareto), 0x0a28c73au);
  EXPECT_TRUE(DistributionTable("uniform").empty());
}

TEST(NetemDistribution, TheLongestWaitFollowsFromTheTable) {
  EXPECT_DOUBLE_EQ(LargestDeviation({}), 1);
  EXPECT_NEAR(LargestDeviation(DistributionTable("pareto")), 4, 0.001);
}

// sch_netem.c, get_crandom, line by line.
double ShareHitByTheKernel(std::uint32_t threshold, std::uint32_t rho_share, int packets) {
  std::mt19937 random(7);
  std::uint32_t last = random();
  int hit = 0;
  for (int i = 0; i < packets; ++i) {
    const std::uint64_t value = random();
    const std::uint64_t rho = std::uint64_t{rho_share} + 1;
    last = static_cast<std::uint32_t>((value * ((1ULL << 32) - rho) + last * rho) >> 32);
    if (threshold >= last) ++hit;
  }
  return 100.0 * hit / packets;
}

TEST(NetemCorrelation, ThePlainThresholdWouldHardlyEverBeReached) {
  EXPECT_LT(ShareHitByTheKernel(NetemShare(5), NetemShare(75), 1'000'000), 0.1);
}

TEST(NetemCorrelation, TheKernelsArithmeticHitsTheShareAskedFor) {
  for (const double correlation : {10.0, 50.0, 75.0, 95.0}) {
    const NetemCorrelation chosen(correlation / 100);
    for (const double percent : {1.0, 5.0, 20.0, 50.0, 90.0}) {
      const double hit =
          ShareHitByTheKernel(chosen.ThresholdFor(percent), NetemShare(correlation), 4'000'000);
      EXPECT_NEAR(hit, percent, 0.03 * percent + 0.05) << percent << " at " << correlation;
    }
  }
}

TEST(NetemCorrelation, WithoutOneTheThresholdIsTheShareItself) {
  const NetemCorrelation none(0);
  for (const double percent : {0.0, 0.1, 33.3, 100.0}) {
    EXPECT_EQ(none.ThresholdFor(percent), NetemShare(percent));
  }
}

TEST(NetemCorrelation, NothingAndEverythingAreExact) {
  const NetemCorrelation high(0.99);
  EXPECT_EQ(high.ThresholdFor(0), 0u);
  EXPECT_EQ(high.ThresholdFor(100), 0xffffffffu);
  EXPECT_LT(high.ThresholdFor(1), high.ThresholdFor(2));
}

}  // namespace
}  // namespace grayling::probe

#include "probe/fault/network_earlier.h"

#include <gtest/gtest.h>
#include <linux/pkt_sched.h>
#include <rapidcheck.h>

namespace grayling::probe {
namespace {

TEST(EarlierLinkEnd, IsReadBackFromTheMarkAsItWas) {
  EXPECT_TRUE(rc::check([] {
    EarlierLinkEnd earlier;
    earlier.queue_length = *rc::gen::inRange(0, 100000);
    earlier.net_namespace = *rc::gen::arbitrary<std::uint64_t>();
    if (*rc::gen::arbitrary<bool>()) {
      Qdisc root;
      root.parent = TC_H_ROOT;
      root.kind = "tbf";
      root.handle = *rc::gen::arbitrary<std::uint32_t>();
      root.options = *rc::gen::arbitrary<std::vector<char>>();
      earlier.root = root;
    }
    std::map<std::string, std::string> entries;
    earlier.WriteTo(entries, "in.");
    const auto read = EarlierLinkEnd::ReadFrom(entries, "in.");
    RC_ASSERT(read.ok());
    RC_ASSERT((*read)->root == earlier.root);
    RC_ASSERT((*read)->queue_length == earlier.queue_length);
    RC_ASSERT((*read)->net_namespace == earlier.net_namespace);
    RC_ASSERT(!*EarlierLinkEnd::ReadFrom(entries, "out."));
  }));
}

TEST(EarlierLinkEnd, ADamagedEntryIsAnErrorAndNoGuess) {
  std::map<std::string, std::string> entries{{"in.queue_length", "0"},
                                             {"in.net_namespace", "0"},
                                             {"in.kind", "tbf"},
                                             {"in.handle", "65536"},
                                             {"in.options", "0a0b"}};
  EXPECT_TRUE(EarlierLinkEnd::ReadFrom(entries, "in.").ok());
  for (const char* name : {"in.queue_length", "in.handle", "in.options"}) {
    auto damaged = entries;
    damaged[name] = "0g0";
    const auto read = EarlierLinkEnd::ReadFrom(damaged, "in.");
    ASSERT_FALSE(read.ok()) << name;
    EXPECT_EQ(read.error().sentence,
              "a fault's mark is damaged: what stood on the link before is unreadable");
  }
}

std::vector<char> Numbers(const std::map<std::uint16_t, std::uint32_t>& numbers) {
  AttributeBytes bytes;
  for (const auto& [type, number] : numbers) bytes.AddValue(type, number);
  return {bytes.bytes().begin(), bytes.bytes().end()};
}

// codel.h: microseconds are kept as units of 1024 ns.
std::uint32_t AfterCodel(std::uint32_t us) {
  return static_cast<std::uint32_t>((std::uint64_t{us} * 1000 >> 10 << 10) / 1000);
}

TEST(RoundingCorrection, FindsWhatToSetSoThatCodelShowsAnyTimeAgain) {
  EXPECT_TRUE(rc::check([] {
    const std::uint32_t shown = AfterCodel(*rc::gen::inRange<std::uint32_t>(1, 10'000'000));
    const std::vector<char> wanted = Numbers({{1, shown}, {2, 1000}});
    std::map<std::uint16_t, std::uint32_t> sent;
    std::uint32_t set = shown;
    for (int round = 0; round < 3 && AfterCodel(set) != shown; ++round) {
      const auto correction =
          RoundingCorrection(wanted, Numbers({{1, AfterCodel(set)}, {2, 1000}}), sent);
      RC_ASSERT(correction.size() == 8U);  // only what differs: some options are set only once
      set = *ReadValue<std::uint32_t>(*FindAttribute(correction, 1));
    }
    RC_ASSERT(AfterCodel(set) == shown);
  }));
}

TEST(RoundingCorrection, DoesNotTouchWhatIsMoreThanRounding) {
  std::map<std::uint16_t, std::uint32_t> sent;
  EXPECT_TRUE(RoundingCorrection(Numbers({{1, 5000}}), Numbers({{1, 4000}}), sent).empty());
  EXPECT_TRUE(RoundingCorrection(Numbers({{1, 5000}}), Numbers({{2, 4999}}), sent).empty());
}

}  // namespace
}  // namespace grayling::probe

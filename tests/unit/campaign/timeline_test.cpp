#include "daemon/campaign/timeline.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

CampaignPlan PlanWith(int repetitions, const std::vector<std::string>& services, WindowOrder order,
                      uint64_t seed) {
  CampaignPlan plan;
  plan.phases = {absl::Seconds(30), absl::Seconds(6), absl::Seconds(12), absl::Seconds(5),
                 absl::Seconds(7)};
  plan.repetitions = repetitions;
  plan.order = order;
  plan.order_seed = seed;
  for (const char* kind : {"cpu.load", "network.loss"}) {
    PlannedFault fault{kind, services, {}};
    for (int i = 0; i < repetitions; ++i) fault.parameters.push_back({{"percent", 10.0 + i}});
    plan.faults.push_back(fault);
  }
  return plan;
}

std::vector<std::string> Names(const Timeline& timeline) {
  std::vector<std::string> names;
  for (const PlannedWindow& window : timeline.windows) {
    names.push_back(window.group + " " + window.kind + " " + window.service);
  }
  return names;
}

TEST(Timeline, SequentialOrderIsThePlansOrderInEachRepetition) {
  const Timeline timeline = LayOut(PlanWith(2, {"a", "b"}, WindowOrder::kSequential, 1));
  EXPECT_EQ(Names(timeline),
            (std::vector<std::string>{"r1 cpu.load a", "r1 cpu.load b", "r1 network.loss a",
                                      "r1 network.loss b", "r2 cpu.load a", "r2 cpu.load b",
                                      "r2 network.loss a", "r2 network.loss b"}));
}

TEST(Timeline, OffsetsFollowThePhases) {
  const Timeline timeline = LayOut(PlanWith(1, {"a"}, WindowOrder::kSequential, 1));
  ASSERT_EQ(timeline.windows.size(), 2u);
  EXPECT_EQ(timeline.windows[0].before, absl::Seconds(30));
  EXPECT_EQ(timeline.windows[0].start, absl::Seconds(36));
  EXPECT_EQ(timeline.windows[0].end, absl::Seconds(48));
  EXPECT_EQ(timeline.windows[0].after, absl::Seconds(53));
  EXPECT_EQ(timeline.windows[1].start, absl::Seconds(59));
  EXPECT_EQ(timeline.duration, absl::Seconds(83));
}

TEST(Timeline, EachRepetitionHasItsOwnIntensity) {
  const Timeline timeline = LayOut(PlanWith(3, {"a"}, WindowOrder::kRandom, 5));
  for (const PlannedWindow& window : timeline.windows) {
    EXPECT_EQ(window.parameters.at("percent"), 9.0 + (window.group[1] - '0'));
  }
}

TEST(Timeline, ARandomOrderIsTheSameEverywhere) {
  const Timeline timeline = LayOut(PlanWith(1, {"a", "b"}, WindowOrder::kRandom, 7));
  EXPECT_EQ(Names(timeline), Names(LayOut(PlanWith(1, {"a", "b"}, WindowOrder::kRandom, 7))));
  EXPECT_NE(Names(LayOut(PlanWith(1, {"a", "b", "c", "d"}, WindowOrder::kRandom, 7))),
            Names(LayOut(PlanWith(1, {"a", "b", "c", "d"}, WindowOrder::kRandom, 8))));
}

TEST(Timeline, ShufflingStaysWithinARepetitionAndLosesNoWindow) {
  const bool holds = rc::check("shuffled windows", [] {
    const int repetitions = *rc::gen::inRange(1, 6);
    const int services = *rc::gen::inRange(1, 9);
    std::vector<std::string> names;
    for (int i = 0; i < services; ++i) names.push_back(absl::StrCat("s", i));
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    const Timeline sequential =
        LayOut(PlanWith(repetitions, names, WindowOrder::kSequential, seed));
    const Timeline random = LayOut(PlanWith(repetitions, names, WindowOrder::kRandom, seed));
    RC_ASSERT(random.duration == sequential.duration);
    RC_ASSERT(random.windows.size() == sequential.windows.size());
    for (size_t i = 0; i < random.windows.size(); ++i) {
      RC_ASSERT(random.windows[i].group == sequential.windows[i].group);
      RC_ASSERT(random.windows[i].start == sequential.windows[i].start);
      RC_ASSERT(i == 0 || random.windows[i].before == random.windows[i - 1].after);
    }
    std::vector<std::string> a = Names(sequential);
    std::vector<std::string> b = Names(random);
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    RC_ASSERT(a == b);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace grayling

#include "base/fault_shape.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace grayling {
namespace {

std::vector<int64_t> ChangesOf(const FaultShape& shape, int64_t duration_us) {
  std::vector<int64_t> changes;
  for (auto at = NextChangeUs(shape, 0, duration_us); at;
       at = NextChangeUs(shape, *at, duration_us)) {
    changes.push_back(*at);
  }
  return changes;
}

double At(const FaultShape& shape, int64_t elapsed_us, int64_t duration_us) {
  return ShareAt(shape, static_cast<double>(elapsed_us) / 1e6,
                 static_cast<double>(duration_us) / 1e6);
}

TEST(NextChange, AConstantFaultNeverMoves) {
  EXPECT_TRUE(ChangesOf(FaultShape(), 60'000'000).empty());
}

TEST(NextChange, ARampMovesTenTimesASecondOnItsOwnGrid) {
  FaultShape ramp;
  ramp.kind = "ramp";
  EXPECT_EQ(ChangesOf(ramp, 400'000), (std::vector<int64_t>{100'000, 200'000, 300'000}));
  EXPECT_EQ(NextChangeUs(ramp, 123'456, 400'000), 200'000) << "a late move shifts nothing";
}

TEST(NextChange, APulseMovesAtTheExactEdges) {
  FaultShape pulse;
  pulse.kind = "pulse";
  pulse.period_s = 2;
  pulse.duty = 0.25;
  EXPECT_EQ(ChangesOf(pulse, 5'000'000),
            (std::vector<int64_t>{500'001, 2'000'001, 2'500'001, 4'000'001, 4'500'001}));
}

TEST(NextChange, APulseThatIsAlwaysOnOrAlwaysOffNeverMoves) {
  FaultShape pulse;
  pulse.kind = "pulse";
  for (const double duty : {0.0, 1.0}) {
    pulse.duty = duty;
    EXPECT_TRUE(ChangesOf(pulse, 60'000'000).empty());
  }
}

TEST(NextChange, StepsMoveAtTheirEdgesButNeverMoreThanTenTimesASecond) {
  FaultShape step;
  step.kind = "step";
  step.steps = 4;
  EXPECT_EQ(ChangesOf(step, 4'000'000), (std::vector<int64_t>{1'000'001, 2'000'001, 3'000'001}));
  step.steps = 100;
  EXPECT_EQ(ChangesOf(step, 1'000'000).size(), 9u);
}

// The slow twin looks at every millisecond.
TEST(NextChange, FindsEveryChangeOfAPulseOrWalkAndNothingElse) {
  EXPECT_TRUE(rc::check([] {
    FaultShape shape;
    shape.kind = *rc::gen::elementOf(std::vector<std::string>{"pulse", "random_walk"});
    shape.period_s = *rc::gen::inRange(200, 3000) / 1000.0;
    shape.duty = *rc::gen::inRange(1, 99) / 100.0;
    shape.seed = *rc::gen::inRange<uint64_t>(1, 1000);
    constexpr int64_t kDurationUs = 8'000'000;
    std::size_t seen = 0;
    for (int64_t us = 1000; us < kDurationUs; us += 1000) {
      // Rounding may put an edge that falls on a millisecond to either side of it.
      const bool moved = At(shape, us - 998, kDurationUs) != At(shape, us + 2, kDurationUs);
      const auto next = NextChangeUs(shape, us - 998, kDurationUs);
      RC_ASSERT(moved == (next && *next <= us + 2));
      if (moved) ++seen;
    }
    RC_ASSERT(seen == ChangesOf(shape, kDurationUs - 997).size());
  }));
}

TEST(NextChange, AtTheInstantItselfTheShareIsTheNewOne) {
  EXPECT_TRUE(rc::check([] {
    FaultShape shape;
    shape.kind = *rc::gen::elementOf(std::vector<std::string>{"step", "pulse", "random_walk"});
    shape.steps = *rc::gen::inRange(2, 50);
    shape.period_s = *rc::gen::inRange(200, 100'000) / 1000.0;
    shape.duty = *rc::gen::inRange(1, 99) / 100.0;
    const int64_t duration_us = *rc::gen::inRange<int64_t>(5'000'000, 3'600'000'000);
    const int64_t elapsed_us = *rc::gen::inRange<int64_t>(0, duration_us);
    const auto next = NextChangeUs(shape, elapsed_us, duration_us);
    RC_PRE(next.has_value());
    RC_ASSERT(*next > elapsed_us);
    RC_ASSERT(At(shape, *next - 4, duration_us) != At(shape, *next, duration_us));
  }));
}

}  // namespace
}  // namespace grayling

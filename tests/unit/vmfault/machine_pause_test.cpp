#include "vmfault/machine_pause.h"

#include <chrono>
#include <thread>

#include "tests/unit/vmfault/effect_fixture.h"

namespace grayling::vmfault {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

class MachinePauseTest : public EffectTest<MachinePause> {
 protected:
  MachinePauseTest() : EffectTest("vm.pause") {
    order_.parameters["duty_percent"] = 50;
    order_.parameters["period_ms"] = 100;
  }

  // Waits for what the pulses do in their own time; false after ten seconds.
  template <typename Condition>
  bool Comes(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < until) {
      {
        const std::lock_guard lock(vm_.mutex);
        if (condition()) return true;
      }
      std::this_thread::yield();
    }
    return false;
  }
};

TEST_F(MachinePauseTest, TheVmIsPausedAtOnceAndThenAgainAndAgain) {
  EXPECT_THAT(Applied(), UnorderedElementsAre(Pair("duty_percent", 50)));
  EXPECT_TRUE(Comes([&] { return vm_.state == RunState::kRunning; }));
  EXPECT_TRUE(Comes([&] { return vm_.pauses >= 3; }));
  EXPECT_EQ(SentenceOf(effect_->StillThere()), "");
  EXPECT_EQ(SentenceOf(effect_->Revert()), "");
  EXPECT_EQ(vm_.state, RunState::kRunning);
}

TEST_F(MachinePauseTest, AVmThatSomebodyHasPausedIsRefusedAndLeftPaused) {
  vm_.state = RunState::kPausedByUser;
  EXPECT_THAT(ReadEarlier(), HasSubstr("paused already"));
  EXPECT_EQ(RevertedFromTheMark(), "");
  EXPECT_EQ(vm_.state, RunState::kPausedByUser);
}

TEST_F(MachinePauseTest, APauseOfSomebodyElseInBetweenEndsTheFaultAndStays) {
  order_.parameters["duty_percent"] = 1;
  order_.parameters["period_ms"] = 500;
  Applied();
  ASSERT_TRUE(Comes([&] {
    if (vm_.state != RunState::kRunning) return false;
    vm_.state = RunState::kPausedByUser;
    return true;
  }));
  EXPECT_TRUE(Comes([&] { return !effect_->StillThere().ok(); }));
  EXPECT_THAT(SentenceOf(effect_->StillThere()), HasSubstr("somebody else has paused"));
  EXPECT_EQ(SentenceOf(effect_->Revert()), "");
  EXPECT_EQ(vm_.state, RunState::kPausedByUser);
}

TEST_F(MachinePauseTest, AResumeBySomebodyElseLosesTheFault) {
  order_.parameters["duty_percent"] = 95;
  order_.parameters["period_ms"] = 200;
  Applied();
  vm_.mutex.lock();
  vm_.state = RunState::kRunning;
  vm_.mutex.unlock();
  EXPECT_TRUE(Comes([&] { return !effect_->StillThere().ok(); }));
  EXPECT_THAT(SentenceOf(effect_->StillThere()), HasSubstr("resumed"));
}

TEST_F(MachinePauseTest, AProcessThatHasOnlyTheMarkResumesTheVm) {
  order_.parameters["period_ms"] = 10'000;
  Applied();
  EXPECT_EQ(vm_.state, RunState::kPausedByUser);
  EXPECT_EQ(RevertedFromTheMark(), "");
  EXPECT_EQ(vm_.state, RunState::kRunning);
}

TEST_F(MachinePauseTest, ARampBeginsWithoutAPause) {
  order_.shape.kind = "ramp";
  EXPECT_THAT(Applied(), UnorderedElementsAre(Pair("duty_percent", 0)));
  EXPECT_EQ(vm_.pauses, 0);
  ASSERT_EQ(SentenceOf(effect_->SetShare(1)), "");
  EXPECT_TRUE(Comes([&] { return vm_.pauses >= 1; }));
}

}  // namespace
}  // namespace grayling::vmfault

#include <gmock/gmock.h>

#include "tests/unit/campaign/campaigns_fixture.h"

namespace grayling {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The first window of FiveWindows() acts from second 14 to 20, the second one from 26 to 32.
class StandstillTest : public CampaignsTest {
 protected:
  v1::Campaign StartedAndHaltedAt(const std::string& plan, double second) {
    clock_.HaltAt(start_ + absl::Seconds(second));
    v1::Campaign campaign = Started(plan);
    clock_.AwaitHalt();
    return campaign;
  }
  v1::Campaign Paused(const std::string& name) {
    const auto paused = campaigns_->Pause(name);
    EXPECT_TRUE(paused.ok()) << paused.status();
    return paused.ok() ? *paused : v1::Campaign();
  }
  v1::Campaign ResumedToTheEnd(const std::string& name) {
    clock_.HaltAt(absl::InfiniteFuture());
    const auto resumed = campaigns_->Resume(name);
    EXPECT_TRUE(resumed.ok()) << resumed.status();
    return Ended(name);
  }
};

std::string WithRule(const std::string& rule) {
  return FiveWindows() + "on_failure: " + rule + "\n";
}

TEST_F(StandstillTest, APauseEndsTheWindowAndMovesTheRestByItsLength) {
  const v1::Campaign running = StartedAndHaltedAt(FiveWindows(), 16);
  const v1::Campaign paused = Paused(running.name());
  EXPECT_EQ(paused.state(), v1::CAMPAIGN_STATE_PAUSED);
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
  EXPECT_EQ(paused.windows(0).outcome(), "invalid: paused by request");
  EXPECT_EQ(FromProto(paused.pauses(0).start_time()), start_ + absl::Seconds(16));

  clock_.HaltAt(start_ + absl::Seconds(26));  // ten seconds of pause
  clock_.AwaitHalt();
  const v1::Campaign ended = ResumedToTheEnd(running.name());
  EXPECT_EQ(ended.state(), v1::CAMPAIGN_STATE_COMPLETED);
  EXPECT_EQ(FromProto(ended.paused()), absl::Seconds(10));
  EXPECT_EQ(FromProto(ended.windows(1).start_time()), start_ + absl::Seconds(26 + 10));
  EXPECT_EQ(FromProto(ended.windows(1).lateness()), absl::ZeroDuration());
  EXPECT_EQ(ended.reason(), "1 of 5 windows gave no label");
  EXPECT_EQ(load_.starts(), 1) << "a short pause does not cost a ramp-up";
}

TEST_F(StandstillTest, TheLoadOutlivesAPauseByThirtySecondsAndComesBackWithItsRampUp) {
  const v1::Campaign running = StartedAndHaltedAt(FiveWindows(), 16);
  Paused(running.name());
  clock_.HaltAt(start_ + absl::Seconds(45));
  clock_.AwaitHalt();
  EXPECT_TRUE(load_.Statistics().running);
  clock_.HaltAt(start_ + absl::Seconds(116));
  clock_.AwaitHalt();
  EXPECT_FALSE(load_.Statistics().running);
  const v1::Campaign ended = ResumedToTheEnd(running.name());
  EXPECT_EQ(load_.starts(), 2);
  // 100 s of pause and 5 s of ramp-up.
  EXPECT_EQ(FromProto(ended.windows(1).start_time()), start_ + absl::Seconds(26 + 105));
  EXPECT_EQ(FromProto(ended.pauses(0).end_time()), start_ + absl::Seconds(121));
}

TEST_F(StandstillTest, APauseBeforeTheFaultBeginsTheHealthyStretchAnew) {
  const v1::Campaign running = StartedAndHaltedAt(FiveWindows(), 13);  // 3 of 4 s before
  Paused(running.name());
  const v1::Campaign ended = ResumedToTheEnd(running.name());
  EXPECT_EQ(ended.windows(0).outcome(), "done");
  EXPECT_EQ(ended.windows(0).attempts(), 1);
  EXPECT_EQ(FromProto(ended.windows(0).start_time()), start_ + absl::Seconds(13 + 4));
}

TEST_F(StandstillTest, APausedWindowIsTriedAgainWhenItsRuleSaysSo) {
  const v1::Campaign running = StartedAndHaltedAt(WithRule("{retry: 1, then: skip}"), 16);
  Paused(running.name());
  const v1::Campaign ended = ResumedToTheEnd(running.name());
  EXPECT_EQ(ended.reason(), "");
  const v1::FaultWindow& window = ended.windows(0);
  EXPECT_EQ(window.outcome(), "done");
  EXPECT_EQ(window.attempts(), 2);
  ASSERT_EQ(window.earlier_attempts_size(), 1);
  EXPECT_EQ(window.earlier_attempts(0).outcome(), "invalid: paused by request");
  EXPECT_LE(FromProto(window.earlier_attempts(0).end_time()), FromProto(window.start_time()));
  EXPECT_NE(window.earlier_attempts(0).fault(), window.fault());
}

TEST_F(StandstillTest, PausingAndResumingTwiceIsAllowedUntilItHasEnded) {
  const v1::Campaign running = StartedAndHaltedAt(FiveWindows(), 5);
  Paused(running.name());
  Paused(running.name());
  EXPECT_TRUE(campaigns_->Resume(running.name()).ok());
  EXPECT_TRUE(campaigns_->Resume(running.name()).ok());
  ASSERT_TRUE(campaigns_->Abort(running.name()).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(campaigns_->Pause(running.name()).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(campaigns_->Resume(running.name()).status()));
  EXPECT_TRUE(absl::IsNotFound(campaigns_->Pause("campaigns/none").status()));
}

TEST_F(StandstillTest, APausedCampaignCanBeAbortedAndHoldsItsPlaceUntilThen) {
  const v1::Campaign running = StartedAndHaltedAt(FiveWindows(), 16);
  Paused(running.name());
  EXPECT_EQ(campaigns_->RunningIn("vms/lab"), running.name());
  EXPECT_THAT(std::string(campaigns_->Start(FiveWindows()).status().message()),
              HasSubstr("is paused"));
  const auto aborted = campaigns_->Abort(running.name());
  ASSERT_TRUE(aborted.ok());
  EXPECT_EQ(aborted->state(), v1::CAMPAIGN_STATE_ABORTED);
  EXPECT_TRUE(aborted->pauses(0).has_end_time());
  EXPECT_FALSE(load_.Statistics().running);
}

TEST_F(StandstillTest, AFailedWindowIsTriedAgainAsOftenAsItsRuleSays) {
  const v1::Campaign campaign =
      Executed(PlanOf("  - {kind: network.delay, services: [no-such-service, visits-service]}\n") +
               "on_failure: {retry: 2, then: skip}\n");
  EXPECT_EQ(campaign.windows(0).attempts(), 3);
  EXPECT_EQ(campaign.windows(0).earlier_attempts_size(), 2);
  EXPECT_THAT(campaign.windows(0).outcome(), HasSubstr("failed: "));
  EXPECT_EQ(campaign.windows(1).outcome(), "done");
  EXPECT_EQ(campaign.windows(1).attempts(), 1);
  // Each try begins `after` (2 s) behind the last one with 4 s of `before`.
  EXPECT_EQ(FromProto(campaign.windows(1).start_time()), start_ + absl::Seconds(26 + 2 * 6));
}

TEST_F(StandstillTest, AWindowThatFailsForGoodAbortsWhenItsRuleSaysSo) {
  const v1::Campaign campaign =
      Executed(PlanOf("  - {kind: network.delay, services: [no-such-service, visits-service]}\n") +
               "on_failure: {retry: 1, then: abort}\n");
  EXPECT_EQ(campaign.state(), v1::CAMPAIGN_STATE_FAILED);
  EXPECT_THAT(campaign.reason(), HasSubstr("window 0 failed, after 2 tries: "));
  EXPECT_EQ(campaign.windows(1).outcome(), "planned");
}

TEST_F(StandstillTest, AWindowOfARebootedGuestIsInvalidAndTheNextWaitsForTheServices) {
  clock_.before_sleep = [&](absl::Time deadline) {
    if (deadline == start_ + absl::Seconds(20)) {
      guest_.Reboot();
      guest_.MoveClock(absl::Seconds(3));
      guest_.SetHealth("visits-service", "starting");
    }
    if (clock_.Now() >= start_ + absl::Seconds(40)) guest_.SetHealth("visits-service", "healthy");
  };
  const v1::Campaign campaign = Executed(FiveWindows());
  EXPECT_EQ(campaign.windows(0).outcome(), "invalid: the guest rebooted during it");
  EXPECT_EQ(faults_->Get(campaign.windows(0).fault())->state, FaultState::kReverted);
  EXPECT_EQ(campaign.windows(1).outcome(), "done");
  EXPECT_GE(FromProto(campaign.windows(1).start_time()), start_ + absl::Seconds(40 + 4));
  EXPECT_EQ(std::round(absl::ToDoubleSeconds(FromProto(campaign.clock_offset()))), 3);
  EXPECT_THAT(EventTexts(campaign.name()),
              Contains(HasSubstr("waits for the guest: visits-service is starting")));
}

TEST_F(StandstillTest, AGuestThatDoesNotComeBackEndsTheCampaign) {
  clock_.before_sleep = [&](absl::Time deadline) {
    if (deadline == start_ + absl::Seconds(20)) guest_.Misbehave({.is_unreachable = true});
  };
  const v1::Campaign campaign = Executed(FiveWindows());
  EXPECT_EQ(campaign.state(), v1::CAMPAIGN_STATE_FAILED);
  EXPECT_THAT(campaign.reason(), HasSubstr("the guest was not back within 10m"));
  EXPECT_EQ(FromProto(campaign.end_time()) - start_, absl::Seconds(620));
  EXPECT_FALSE(load_.Statistics().running);
}

TEST_F(StandstillTest, ACampaignThatWaitsForItsGuestCanBeAborted) {
  clock_.before_sleep = [&](absl::Time deadline) {
    if (deadline == start_ + absl::Seconds(20)) guest_.Misbehave({.is_unreachable = true});
  };
  const v1::Campaign running = StartedAndHaltedAt(FiveWindows(), 100);
  EXPECT_FALSE(load_.Statistics().running) << "nobody looks";
  EXPECT_EQ(campaigns_->Abort(running.name())->state(), v1::CAMPAIGN_STATE_ABORTED);
}

TEST_F(StandstillTest, EveryWindowsEventsCarryBothClocks) {
  guest_.MoveClock(absl::Seconds(90));
  const v1::Campaign campaign = Executed(TwoWindows());
  int of_windows = 0;
  for (const Event& event : EventsOf(campaign.name())) {
    of_windows += event.text.find("window 1") == 0 ? 1 : 0;
    EXPECT_NEAR(absl::ToDoubleSeconds(event.guest_time - event.time), 90, 1) << event.text;
  }
  EXPECT_EQ(of_windows, 2);
  EXPECT_THAT(EventTexts(campaign.name()), Contains(HasSubstr("VERIFIED")));
}

}  // namespace
}  // namespace grayling

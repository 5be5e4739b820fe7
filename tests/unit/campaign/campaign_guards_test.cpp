#include <gmock/gmock.h>

#include "tests/unit/campaign/campaigns_fixture.h"

namespace grayling {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CampaignGuardsTest : public CampaignsTest {
 protected:
  std::string Guarded(const std::string& rule, const std::string& action) {
    return FiveWindows() + "guards:\n  - {rule: '" + rule +
           "', for_s: 2, clear_s: 3, action: " + action + "}\n";
  }
  std::string StartedIn(const std::string& plan, double second) {
    clock_.HaltAt(start_ + absl::Seconds(second));
    const std::string name = Started(plan).name();
    clock_.AwaitHalt();
    return name;
  }
  // Seconds pass while the campaign sleeps; each serves ten requests of which `errors` fail.
  void Pass(int seconds, int errors = 0) {
    for (int i = 0; i < seconds; ++i) {
      load_.Serve(10, errors, 100);
      campaigns_->AskGuest();
      campaigns_->CheckGuards();
      clock_.Advance(absl::Seconds(1));
    }
  }
  v1::Campaign Awaited(const std::string& name, v1::CampaignState state) {
    uint64_t seen = 0;
    while (true) {
      const auto now = campaigns_->WaitForChange(name, seen, absl::Seconds(20));
      if (!now.ok() || now->campaign.state() == state || now->version == seen) {
        EXPECT_TRUE(now.ok() && now->campaign.state() == state);
        return now.ok() ? now->campaign : v1::Campaign();
      }
      seen = now->version;
    }
  }
};

TEST_F(CampaignGuardsTest, AGuardAbortsAndItsValuesAreWrittenDown) {
  // The clock stands at 15; it is moved by hand within the window that acts from 14 to 20.
  const std::string name = StartedIn(Guarded("errors > 20%", "abort"), 15);
  Pass(3, 5);
  const v1::Campaign ended = Ended(name);
  EXPECT_EQ(ended.state(), v1::CAMPAIGN_STATE_ABORTED);
  EXPECT_THAT(ended.reason(), HasSubstr("guard errors > 20% fired at 50 %"));
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
  ASSERT_EQ(ended.guard_firings_size(), 1);
  const v1::GuardFiring& firing = ended.guard_firings(0);
  EXPECT_EQ(firing.rule(), "errors > 20%");
  EXPECT_EQ(firing.action(), "abort");
  EXPECT_EQ(firing.window(), 0);
  EXPECT_THAT(firing.values(), HasSubstr("errors 50 %, p50 100 ms"));
  EXPECT_THAT(EventTexts(name),
              Contains(HasSubstr("guard errors > 20% fired, abort: errors 50 %")));
}

TEST_F(CampaignGuardsTest, AShortBadStretchDoesNotFire) {
  const std::string name = StartedIn(Guarded("errors > 20%", "abort"), 15);
  Pass(2, 5);
  Pass(2, 0);
  EXPECT_EQ(campaigns_->Get(name)->state(), v1::CAMPAIGN_STATE_RUNNING);
  EXPECT_EQ(campaigns_->Get(name)->guard_firings_size(), 0);
  ASSERT_TRUE(campaigns_->Abort(name).ok());
}

TEST_F(CampaignGuardsTest, AGuardPausesAndLetsGoByItself) {
  const std::string name = StartedIn(Guarded("errors > 20%", "pause"), 15);
  Pass(3, 5);
  const v1::Campaign paused = Awaited(name, v1::CAMPAIGN_STATE_PAUSED);
  EXPECT_THAT(paused.reason(), HasSubstr("paused, guard errors > 20%"));
  EXPECT_THAT(paused.windows(0).outcome(), HasSubstr("invalid: paused, guard"));
  EXPECT_TRUE(paused.pauses(0).ends_by_itself());
  Pass(3, 0);
  EXPECT_EQ(campaigns_->Get(name)->state(), v1::CAMPAIGN_STATE_PAUSED);
  Pass(1, 0);
  Awaited(name, v1::CAMPAIGN_STATE_RUNNING);
  clock_.HaltAt(absl::InfiniteFuture());
  EXPECT_EQ(Ended(name).state(), v1::CAMPAIGN_STATE_COMPLETED);
}

TEST_F(CampaignGuardsTest, APauseByRequestOutlastsAGuards) {
  const std::string name = StartedIn(Guarded("errors > 20%", "pause"), 15);
  Pass(3, 5);
  Awaited(name, v1::CAMPAIGN_STATE_PAUSED);
  ASSERT_TRUE(campaigns_->Pause(name).ok());
  Pass(10, 0);
  EXPECT_EQ(campaigns_->Get(name)->state(), v1::CAMPAIGN_STATE_PAUSED);
  ASSERT_TRUE(campaigns_->Abort(name).ok());
}

TEST_F(CampaignGuardsTest, AGuardSkipsTheWindowUnderWayAndNextOnesUntilItLetsGo) {
  const std::string name = StartedIn(Guarded("p95_ms > 50", "skip"), 15);
  Pass(3);
  clock_.HaltAt(start_ + absl::Seconds(45));  // past the second window, into the third's warning
  clock_.AwaitHalt();
  const v1::Campaign now = *campaigns_->Get(name);
  EXPECT_THAT(now.windows(0).outcome(), HasSubstr("skipped: guard p95_ms > 50 fired at 100 ms"));
  EXPECT_THAT(now.windows(1).outcome(), HasSubstr("skipped: guard"));
  EXPECT_FALSE(now.windows(1).has_start_time()) << "no fault was put into it";
  for (int i = 0; i < 4; ++i) {
    load_.Serve(10, 0, 10);
    campaigns_->CheckGuards();
    clock_.Advance(absl::Seconds(1));
  }
  clock_.HaltAt(absl::InfiniteFuture());
  const v1::Campaign ended = Ended(name);
  EXPECT_EQ(ended.state(), v1::CAMPAIGN_STATE_COMPLETED) << "what was skipped is no failure";
  EXPECT_EQ(ended.windows(4).outcome(), "done");
}

TEST_F(CampaignGuardsTest, AServiceThatIsUnhealthyOrGoneFires) {
  for (const char* health : {"unhealthy", "gone"}) {
    guest_.SetHealth("vets-service", "healthy");
    start_ = clock_.Now();
    const std::string name = StartedIn(Guarded("health vets-service unhealthy", "abort"), 5);
    Pass(4);
    EXPECT_EQ(campaigns_->Get(name)->state(), v1::CAMPAIGN_STATE_RUNNING);
    guest_.SetHealth("vets-service", health);
    Pass(3);
    EXPECT_THAT(Ended(name).reason(), HasSubstr("guard health vets-service unhealthy"));
    clock_.Advance(absl::Seconds(100));
  }
}

TEST_F(CampaignGuardsTest, ASilentGuestFires) {
  const std::string name = StartedIn(Guarded("guest silent > 3s", "abort"), 5);
  Pass(4);
  guest_.Misbehave({.is_unreachable = true});
  Pass(8);
  EXPECT_THAT(Ended(name).reason(), HasSubstr("guard guest silent > 3s fired at"));
}

TEST_F(CampaignGuardsTest, AGuestThatIsSilentInAWindowSpoilsItWithoutAnyRule) {
  std::string plan = FiveWindows();
  plan.replace(plan.find("during_s: 6"), 11, "during_s: 60");
  const std::string name = StartedIn(plan, 15);
  guest_.Misbehave({.is_unreachable = true});
  Pass(20);
  EXPECT_EQ(campaigns_->Get(name)->windows(0).outcome(), "active") << "patience";
  Pass(2);
  guest_.Misbehave({});
  clock_.HaltAt(absl::InfiniteFuture());
  const v1::Campaign ended = Ended(name);
  EXPECT_THAT(ended.windows(0).outcome(), HasSubstr("invalid: the guest was silent for 2"));
  EXPECT_EQ(ended.windows(1).outcome(), "done");
}

TEST_F(CampaignGuardsTest, WithoutACampaignNothingIsAsked) {
  campaigns_->CheckGuards();
  campaigns_->AskGuest();
  EXPECT_THAT(guest_.Commands(), IsEmpty());
}

}  // namespace
}  // namespace grayling

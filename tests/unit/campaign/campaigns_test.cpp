#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>

#include <cmath>

#include "tests/unit/campaign/campaigns_fixture.h"

namespace grayling {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string SentenceOf(const absl::Status& status) { return std::string(status.message()); }

TEST_F(CampaignsTest, EveryWindowIsLabelledWithItsVerifiedInstants) {
  const v1::Campaign campaign = Executed(TwoWindows());
  EXPECT_EQ(campaign.state(), v1::CAMPAIGN_STATE_COMPLETED) << campaign.reason();
  EXPECT_EQ(campaign.name(), "campaigns/20260301T101500-trial");
  ASSERT_EQ(campaign.windows_size(), 2);
  for (const v1::FaultWindow& window : campaign.windows()) {
    EXPECT_EQ(window.outcome(), "done");
    const FaultRecord fault = *faults_->Get(window.fault());
    EXPECT_EQ(fault.campaign, campaign.name());
    EXPECT_EQ(FromProto(window.start_time()), fault.verified);
    EXPECT_EQ(FromProto(window.end_time()), fault.reverted);
    EXPECT_EQ(FromProto(window.start_time()), start_ + FromProto(window.planned_start()));
    EXPECT_EQ(FromProto(window.lateness()), absl::ZeroDuration());
  }
  EXPECT_EQ(FromProto(campaign.windows(0).planned_start()), absl::Seconds(14));
  EXPECT_EQ(FromProto(campaign.windows(1).planned_start()), absl::Seconds(26));
  EXPECT_EQ(FromProto(campaign.end_time()) - start_, absl::Seconds(37));
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
}

TEST_F(CampaignsTest, TheLoadRunsFromTheStartToTheEndAgainstTheForwardedPort) {
  clock_.HaltAt(start_ + absl::Seconds(3));
  const v1::Campaign campaign = Started(TwoWindows());
  clock_.AwaitHalt();
  EXPECT_TRUE(load_.Statistics().running);
  EXPECT_EQ(load_.Settings().base_url, "http://127.0.0.1:40123");
  EXPECT_EQ(load_.Settings().users, 8u);
  ASSERT_TRUE(campaigns_->Abort(campaign.name()).ok());
  EXPECT_FALSE(load_.Statistics().running);
}

TEST_F(CampaignsTest, WhatIsShownIsWhatIsStored) {
  const v1::Campaign campaign = Executed(TwoWindows());
  using google::protobuf::util::MessageDifferencer;
  EXPECT_TRUE(MessageDifferencer::Equals(Stored(campaign.name()), campaign));
  EXPECT_TRUE(MessageDifferencer::Equals(*campaigns_->Get(campaign.name()), campaign));
}

TEST_F(CampaignsTest, ALateWindowDoesNotDelayTheFollowingOnes) {
  // The first apply takes 14 s: past its own end and 2 s into the second window.
  int applies = 0;
  guest_.OnApply([&](const auto&) {
    if (applies++ == 0) clock_.Advance(absl::Seconds(14));
  });
  const v1::Campaign campaign = Executed(FiveWindows());
  EXPECT_EQ(FromProto(campaign.windows(1).lateness()), absl::Seconds(2));
  EXPECT_EQ(FromProto(campaign.windows(2).lateness()), absl::ZeroDuration());
  EXPECT_EQ(FromProto(campaign.windows(2).start_time()), start_ + absl::Seconds(38));
}

TEST_F(CampaignsTest, AWindowWhoseTimeHasPassedIsSkippedWithItsReason) {
  int applies = 0;
  guest_.OnApply([&](const auto&) {
    if (applies++ == 0) clock_.Advance(absl::Seconds(19));
  });
  const v1::Campaign campaign = Executed(FiveWindows());
  EXPECT_THAT(campaign.windows(1).outcome(), HasSubstr("skipped: its time had passed"));
  EXPECT_EQ(campaign.windows(2).outcome(), "done");
}

TEST_F(CampaignsTest, AFailedWindowIsMarkedAndTheCampaignGoesOn) {
  int applies = 0;
  guest_.OnApply([&](const auto&) { ++applies; });
  const v1::Campaign campaign =
      Executed(PlanOf("  - {kind: network.delay, services: [no-such-service, visits-service]}\n"));
  EXPECT_EQ(campaign.state(), v1::CAMPAIGN_STATE_COMPLETED);
  EXPECT_EQ(campaign.reason(), "1 of 2 windows gave no label");
  EXPECT_THAT(campaign.windows(0).outcome(),
              AllOf(HasSubstr("failed: "), HasSubstr("no-such-service")));
  EXPECT_EQ(FromProto(campaign.windows(0).start_time()), start_ + absl::Seconds(14));
  EXPECT_EQ(FromProto(campaign.windows(0).end_time()), start_ + absl::Seconds(14));
  EXPECT_EQ(campaign.windows(1).outcome(), "done");
  EXPECT_EQ(applies, 1);
}

TEST_F(CampaignsTest, ThreeFailuresInARowEndIt) {
  guest_.Misbehave({.applies_without_effect = true});
  const v1::Campaign campaign = Executed(FiveWindows());
  EXPECT_EQ(campaign.state(), v1::CAMPAIGN_STATE_FAILED);
  EXPECT_THAT(campaign.reason(), HasSubstr("3 windows in a row failed"));
  EXPECT_EQ(campaign.windows(3).outcome(), "planned");
  EXPECT_FALSE(load_.Statistics().running);
}

TEST_F(CampaignsTest, ResidueEndsItAtOnce) {
  guest_.Misbehave({.leaves_residue = true});
  const v1::Campaign campaign = Executed(TwoWindows());
  EXPECT_EQ(campaign.state(), v1::CAMPAIGN_STATE_FAILED);
  EXPECT_THAT(campaign.reason(), HasSubstr("window 0 left residue"));
  EXPECT_THAT(campaign.windows(0).outcome(), HasSubstr("netem on veth102"));
  EXPECT_EQ(FromProto(campaign.windows(0).end_time()), FromProto(campaign.end_time()));
  EXPECT_EQ(campaign.windows(1).outcome(), "planned");
}

TEST_F(CampaignsTest, TheNextWindowWaitsUntilAnInjectionCanNoLongerTakeEffect) {
  guest_.Misbehave({.loses_the_order_to_apply = true});
  clock_.before_sleep = [&](absl::Time deadline) {
    if (deadline == start_ + absl::Seconds(26)) guest_.Misbehave({});
  };
  const v1::Campaign campaign = Executed(TwoWindows());
  EXPECT_THAT(campaign.windows(0).outcome(), HasSubstr("failed: "));
  EXPECT_EQ(FromProto(campaign.windows(0).start_time()), start_ + absl::Seconds(14));
  EXPECT_GE(FromProto(campaign.windows(0).end_time()), start_ + absl::Seconds(14 + 30));
  EXPECT_GE(FromProto(campaign.windows(1).start_time()), FromProto(campaign.windows(0).end_time()));
  EXPECT_EQ(campaign.windows(1).outcome(), "done");
}

TEST_F(CampaignsTest, AWindowWhoseEndIsNeverConfirmedEndsWithTheFaultsOwnTimer) {
  clock_.before_sleep = [&](absl::Time deadline) {
    if (deadline == start_ + absl::Seconds(20)) guest_.Misbehave({.is_unreachable = true});
  };
  const v1::Campaign campaign = Executed(TwoWindows());
  EXPECT_THAT(campaign.windows(0).outcome(), HasSubstr("its end is not confirmed"));
  EXPECT_EQ(FromProto(campaign.windows(0).end_time()), start_ + absl::Seconds(20));
}

TEST_F(CampaignsTest, AGuestClockThatMovesWithinAWindowGivesNoLabel) {
  clock_.before_sleep = [&](absl::Time deadline) {
    if (deadline == start_ + absl::Seconds(20)) guest_.MoveClock(absl::Seconds(-2));
  };
  const v1::Campaign campaign = Executed(TwoWindows());
  EXPECT_THAT(campaign.windows(0).outcome(), HasSubstr("the guest's clock moved by -"));
  EXPECT_EQ(campaign.windows(1).outcome(), "done");
}

TEST_F(CampaignsTest, TheClockOffsetIsMeasuredAnewForEachCampaign) {
  Executed(TwoWindows());
  guest_.MoveClock(absl::Seconds(50));
  const v1::Campaign campaign = Executed(TwoWindows());
  EXPECT_EQ(std::round(absl::ToDoubleSeconds(FromProto(campaign.clock_offset()))), 50);
}

TEST_F(CampaignsTest, TheRunningCampaignIsKnownByItsVm) {
  clock_.HaltAt(start_ + absl::Seconds(5));
  const v1::Campaign running = Started(TwoWindows());
  EXPECT_EQ(campaigns_->RunningIn("vms/lab"), running.name());
  EXPECT_EQ(campaigns_->RunningIn("vms/other"), std::nullopt);
  ASSERT_TRUE(campaigns_->Abort(running.name()).ok());
  EXPECT_EQ(campaigns_->RunningIn("vms/lab"), std::nullopt);
}

TEST_F(CampaignsTest, AbortRevertsTheFaultAndKeepsItsExactLabel) {
  clock_.HaltAt(start_ + absl::Seconds(16));  // 2 s into the first window
  const v1::Campaign running = Started(TwoWindows());
  clock_.AwaitHalt();
  EXPECT_THAT(guest_.LiveMarks(), SizeIs(1));
  EXPECT_EQ(campaigns_->Running()->phase(), "during");

  const auto aborted = campaigns_->Abort(running.name());
  ASSERT_TRUE(aborted.ok()) << aborted.status();
  EXPECT_EQ(aborted->state(), v1::CAMPAIGN_STATE_ABORTED);
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
  EXPECT_EQ(aborted->windows(0).outcome(), "done");
  EXPECT_EQ(std::round(absl::ToDoubleSeconds(FromProto(aborted->windows(0).end_time()) -
                                             FromProto(aborted->windows(0).start_time()))),
            2);
  EXPECT_EQ(aborted->windows(1).outcome(), "planned");
  EXPECT_FALSE(campaigns_->Running().has_value());
}

TEST_F(CampaignsTest, AbortingTwiceIsAllowedAndAbortingTheCompletedIsNot) {
  clock_.HaltAt(start_ + absl::Seconds(5));
  const v1::Campaign aborted = Started(TwoWindows());
  ASSERT_TRUE(campaigns_->Abort(aborted.name()).ok());
  EXPECT_TRUE(campaigns_->Abort(aborted.name()).ok());
  clock_.HaltAt(absl::InfiniteFuture());
  const v1::Campaign completed = Executed(TwoWindows());
  EXPECT_TRUE(absl::IsFailedPrecondition(campaigns_->Abort(completed.name()).status()));
  EXPECT_TRUE(absl::IsNotFound(campaigns_->Abort("campaigns/none").status()));
}

TEST_F(CampaignsTest, OneCampaignRunsAtATime) {
  clock_.HaltAt(start_ + absl::Seconds(5));
  const v1::Campaign running = Started(TwoWindows());
  const absl::Status status = campaigns_->Start(TwoWindows()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(SentenceOf(status), HasSubstr(running.name()));
  ASSERT_TRUE(campaigns_->Abort(running.name()).ok());
}

TEST_F(CampaignsTest, CampaignsOfOneSecondGetDifferentNames) {
  clock_.HaltAt(start_);  // time stands still
  const v1::Campaign first = Started(TwoWindows());
  ASSERT_TRUE(campaigns_->Abort(first.name()).ok());
  const v1::Campaign second = Started(TwoWindows());
  ASSERT_TRUE(campaigns_->Abort(second.name()).ok());
  EXPECT_EQ(second.name(), first.name() + "-2");
  const auto all = campaigns_->List();
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->size(), 2u);
}

TEST_F(CampaignsTest, WhatCannotStartStartsNothing) {
  const std::string two = TwoWindows();
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string plan = two;
    plan.replace(plan.find(from), from.size(), to);
    return campaigns_->Start(plan).status();
  };
  EXPECT_TRUE(absl::IsInvalidArgument(campaigns_->Start("name: x").status()));
  EXPECT_THAT(SentenceOf(with("[probe]", "[prob]")),
              HasSubstr("no such scrape target; there are probe, node"));
  EXPECT_TRUE(absl::IsNotFound(with("8080", "8081")));
  EXPECT_TRUE(absl::IsNotFound(with("vms/lab", "vms/none")));
  guest_.Misbehave({.is_unreachable = true});
  EXPECT_TRUE(absl::IsUnavailable(campaigns_->Start(two).status()));
  EXPECT_FALSE(load_.Statistics().running);
  EXPECT_TRUE(campaigns_->List()->empty());
}

TEST_F(CampaignsTest, AFaultByHandIsInTheWay) {
  const auto fault =
      faults_->Inject({"cpu.load", "vms/lab", "vets-service", {}, absl::Seconds(60), ""});
  ASSERT_TRUE(fault.ok()) << fault.status();
  const absl::Status status = campaigns_->Start(TwoWindows()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(SentenceOf(status), HasSubstr(fault->name));
}

TEST_F(CampaignsTest, ALoadThatSomebodyStoppedEndsTheCampaign) {
  guest_.OnApply([&](const auto&) { load_.Stop().IgnoreError(); });
  const v1::Campaign campaign = Executed(TwoWindows());
  EXPECT_EQ(campaign.state(), v1::CAMPAIGN_STATE_FAILED);
  EXPECT_THAT(campaign.reason(), HasSubstr("the load had stopped"));
  EXPECT_EQ(campaign.windows(1).outcome(), "planned");
}

TEST_F(CampaignsTest, AnEndThatIsConfirmedLateStillGivesTheLabel) {
  clock_.before_sleep = [&](absl::Time deadline) {
    if (deadline == start_ + absl::Seconds(20)) {  // the first window's end
      guest_.Misbehave({.is_unreachable = true});
    }
    if (deadline == start_ + absl::Seconds(26)) {  // the second window's start
      EXPECT_THAT(campaigns_->Running()->windows(0).outcome(),
                  HasSubstr("its end is not confirmed"));
      guest_.Misbehave({});
      faults_->SettleExpired();
    }
  };
  const v1::Campaign campaign = Executed(TwoWindows());
  EXPECT_EQ(campaign.state(), v1::CAMPAIGN_STATE_COMPLETED);
  EXPECT_EQ(campaign.windows(0).outcome(), "done");
  EXPECT_EQ(std::round(absl::ToDoubleSeconds(FromProto(campaign.windows(0).end_time()) - start_)),
            20);
}

TEST_F(CampaignsTest, ARecordThatCannotBeReadDoesNotHideTheOthers) {
  ASSERT_TRUE(records_.Put("campaigns/broken", "\xff\xff", start_).ok());
  const v1::Campaign campaign = Executed(TwoWindows());
  const auto all = campaigns_->List();
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ(all->front().name(), campaign.name());
}

}  // namespace
}  // namespace grayling

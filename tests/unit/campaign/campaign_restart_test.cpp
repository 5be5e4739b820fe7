#include <gmock/gmock.h>

#include "daemon/fault/fault_reverter.h"
#include "tests/unit/campaign/campaigns_fixture.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The first window of FiveWindows() acts from second 14 to 20, the second one from 26 to 32.
class CampaignRestartTest : public CampaignsTest {
 protected:
  // Where the campaign was when its daemon was killed: its stored record and its fault's journal as
  // they were at `second`.
  std::string KilledAt(const std::string& plan, double second) {
    clock_.HaltAt(start_ + absl::Seconds(second));
    const std::string name = Started(plan).name();
    clock_.AwaitHalt();
    Kill(name);
    return name;
  }
  void Kill(const std::string& name) {
    const v1::Campaign record = Stored(name);
    const std::vector<FaultRecord> live = *faults_->List(true);
    // What the dying process may still write is undone: a killed one writes nothing.
    campaigns_.reset();
    ASSERT_TRUE(records_.Put(name, record.SerializeAsString(), clock_.Now()).ok());
    for (const FaultRecord& fault : live) {
      ASSERT_TRUE(journal_.Put(fault).ok());
      guest_.PlantMark(FaultMark(fault.name));  // it acts on in the guest
    }
  }
  std::vector<std::string> StartDaemon() {
    RestartDaemon();
    faults_->Recover();
    const auto sentences = campaigns_->TakeUpInterrupted();
    EXPECT_TRUE(sentences.ok()) << sentences.status();
    return sentences.ok() ? *sentences : std::vector<std::string>{};
  }
  v1::Campaign TakenUpToTheEnd(const std::string& name, double after_s = 60) {
    clock_.HaltAt(absl::InfiniteFuture());
    clock_.Advance(absl::Seconds(after_s));
    EXPECT_THAT(StartDaemon(), ElementsAre(HasSubstr("it goes on")));
    return Ended(name);
  }
};

TEST_F(CampaignRestartTest, KilledDuringAWindowItGoesOnAtTheNextOne) {
  const std::string name = KilledAt(FiveWindows(), 16);
  const v1::Campaign ended = TakenUpToTheEnd(name);
  EXPECT_EQ(ended.state(), v1::CAMPAIGN_STATE_COMPLETED);
  EXPECT_EQ(ended.restarts(), 1);
  EXPECT_EQ(ended.windows(0).outcome(), "invalid: the daemon stopped during it");
  const FaultRecord fault = *faults_->Get(ended.windows(0).fault());
  EXPECT_EQ(fault.state, FaultState::kReverted);
  EXPECT_EQ(FromProto(ended.windows(0).start_time()), fault.verified);
  EXPECT_EQ(FromProto(ended.windows(0).end_time()), fault.reverted);
  for (int i = 1; i < 5; ++i) EXPECT_EQ(ended.windows(i).outcome(), "done");
  // Up again at second 76, 5 s of ramp-up, 4 s before the fault.
  EXPECT_EQ(FromProto(ended.windows(1).start_time()), start_ + absl::Seconds(76 + 5 + 4));
  EXPECT_EQ(FromProto(ended.windows(2).start_time()) - FromProto(ended.windows(1).start_time()),
            absl::Seconds(12));
  EXPECT_EQ(ended.pauses(0).reason(), "the daemon stopped during it");
  EXPECT_EQ(load_.starts(), 2);
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
}

TEST_F(CampaignRestartTest, KilledDuringAWindowItsRuleMayTryItAgain) {
  const std::string name = KilledAt(FiveWindows() + "on_failure: {retry: 1, then: skip}\n", 16);
  const v1::Campaign ended = TakenUpToTheEnd(name);
  EXPECT_EQ(ended.reason(), "");
  EXPECT_EQ(ended.windows(0).outcome(), "done");
  EXPECT_EQ(ended.windows(0).attempts(), 2);
  ASSERT_EQ(ended.windows(0).earlier_attempts_size(), 1);
  const v1::WindowAttempt& broken = ended.windows(0).earlier_attempts(0);
  EXPECT_EQ(FromProto(broken.end_time()), faults_->Get(broken.fault())->reverted);
}

TEST_F(CampaignRestartTest, KilledBeforeAWindowNothingIsLost) {
  for (const double second : {3.0, 12.0, 22.0}) {  // warm-up, before, after
    const std::string name = KilledAt(FiveWindows(), second);
    const v1::Campaign ended = TakenUpToTheEnd(name);
    EXPECT_EQ(ended.state(), v1::CAMPAIGN_STATE_COMPLETED) << second;
    EXPECT_EQ(ended.reason(), "") << second;
    EXPECT_EQ(ended.restarts(), 1);
    clock_.Advance(absl::Seconds(1000));
    start_ = clock_.Now();
  }
}

TEST_F(CampaignRestartTest, KilledInTheWarmUpItWarmsUpAgain) {
  const std::string name = KilledAt(FiveWindows(), 3);
  const v1::Campaign ended = TakenUpToTheEnd(name);
  EXPECT_EQ(FromProto(ended.windows(0).start_time()), start_ + absl::Seconds(63 + 10 + 4));
}

TEST_F(CampaignRestartTest, KilledWhileInjectingTheWindowIsInvalidUpToWhenTheGuestIsClean) {
  // As a daemon leaves it that dies between its two words to the record.
  const std::string name = KilledAt(FiveWindows(), 13);
  v1::Campaign record = Stored(name);
  ToProto(start_ + absl::Seconds(14), record.mutable_windows(0)->mutable_start_time());
  record.mutable_windows(0)->set_attempts(1);
  ASSERT_TRUE(records_.Put(name, record.SerializeAsString(), clock_.Now()).ok());
  const v1::Campaign ended = TakenUpToTheEnd(name);
  EXPECT_EQ(ended.windows(0).outcome(), "invalid: the daemon stopped during it");
  EXPECT_EQ(FromProto(ended.windows(0).end_time()), start_ + absl::Seconds(13 + 60));
  EXPECT_EQ(ended.windows(1).outcome(), "done");
}

TEST_F(CampaignRestartTest, KilledWhileRevertingTheWindowIsInvalid) {
  const std::string name = KilledAt(FiveWindows(), 16);
  FaultRecord fault = *journal_.Get(Stored(name).windows(0).fault());
  fault.state = FaultState::kReverting;
  ASSERT_TRUE(journal_.Put(fault).ok());
  const v1::Campaign ended = TakenUpToTheEnd(name);
  EXPECT_EQ(ended.windows(0).outcome(), "invalid: the daemon stopped during it");
  EXPECT_EQ(faults_->Get(fault.name)->state, FaultState::kReverted);
}

TEST_F(CampaignRestartTest, KilledInTheCoolDownItOnlyCoolsDown) {
  const std::string name = KilledAt(TwoWindows(), 35);
  const v1::Campaign ended = TakenUpToTheEnd(name);
  EXPECT_EQ(ended.state(), v1::CAMPAIGN_STATE_COMPLETED);
  EXPECT_EQ(ended.reason(), "");
}

TEST_F(CampaignRestartTest, KilledWhilePausedItStaysPausedUntilItIsResumed) {
  clock_.HaltAt(start_ + absl::Seconds(16));
  const std::string name = Started(FiveWindows()).name();
  clock_.AwaitHalt();
  ASSERT_TRUE(campaigns_->Pause(name).ok());
  Kill(name);
  clock_.HaltAt(absl::InfiniteFuture());
  clock_.Advance(absl::Seconds(100));
  StartDaemon();
  EXPECT_EQ(campaigns_->Get(name)->state(), v1::CAMPAIGN_STATE_PAUSED);
  ASSERT_TRUE(campaigns_->Pause(name).ok());  // returns once it stands still
  EXPECT_FALSE(load_.Statistics().running);
  ASSERT_TRUE(campaigns_->Resume(name).ok());
  const v1::Campaign ended = Ended(name);
  EXPECT_EQ(ended.state(), v1::CAMPAIGN_STATE_COMPLETED);
  EXPECT_EQ(FromProto(ended.windows(1).start_time()), start_ + absl::Seconds(26 + 105));
}

TEST_F(CampaignRestartTest, ADaemonThatStopsCleanlyLeavesTheCampaignToTheNextOne) {
  clock_.HaltAt(start_ + absl::Seconds(16));
  const std::string name = Started(FiveWindows()).name();
  clock_.AwaitHalt();
  RestartDaemon();
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
  EXPECT_FALSE(load_.Statistics().running);
  EXPECT_EQ(Stored(name).state(), v1::CAMPAIGN_STATE_RUNNING);
  EXPECT_EQ(Stored(name).windows(0).outcome(), "invalid: the daemon stopped during it");
  const v1::Campaign ended = TakenUpToTheEnd(name);
  EXPECT_EQ(ended.state(), v1::CAMPAIGN_STATE_COMPLETED);
  EXPECT_EQ(ended.reason(), "1 of 5 windows gave no label");
}

TEST_F(CampaignRestartTest, ItIsThereForClientsAtOnceAndCanBeAbortedWhileTheGuestIsSilent) {
  const std::string name = KilledAt(FiveWindows(), 16);
  guest_.Misbehave({.is_unreachable = true});
  clock_.HaltAt(clock_.Now());
  StartDaemon();
  EXPECT_EQ(campaigns_->Running()->name(), name);
  EXPECT_EQ(campaigns_->Abort(name)->state(), v1::CAMPAIGN_STATE_ABORTED);
}

TEST_F(CampaignRestartTest, AVmThatIsGoneEndsIt) {
  const std::string name = KilledAt(FiveWindows(), 16);
  guests_.is_gone = true;
  clock_.HaltAt(absl::InfiniteFuture());
  StartDaemon();
  const v1::Campaign ended = Ended(name);
  EXPECT_EQ(ended.state(), v1::CAMPAIGN_STATE_FAILED);
  EXPECT_THAT(ended.reason(), HasSubstr("its VM is gone: there is no VM vms/lab"));
}

TEST_F(CampaignRestartTest, APlanThatIsNoPlanAnyMoreEndsIt) {
  const std::string name = KilledAt(FiveWindows(), 16);
  v1::Campaign record = Stored(name);
  record.set_plan_yaml("name: of another age\n");
  ASSERT_TRUE(records_.Put(name, record.SerializeAsString(), clock_.Now()).ok());
  EXPECT_THAT(StartDaemon(), ElementsAre(HasSubstr("FAILED")));
  EXPECT_THAT(Stored(name).reason(), HasSubstr("it cannot go on: plan line"));
  EXPECT_EQ(Stored(name).windows(0).outcome(), "invalid: the daemon stopped during it");
  EXPECT_TRUE(Stored(name).windows(0).has_end_time());
}

TEST_F(CampaignRestartTest, ADaemonThatDiesAgainAndAgainDoesNotTakeItUpForEver) {
  std::string name = KilledAt(FiveWindows(), 5);
  int taken_up = 0;
  for (int i = 0; i < 11; ++i) {
    clock_.HaltAt(clock_.Now());
    StartDaemon();
    if (Stored(name).state() != v1::CAMPAIGN_STATE_RUNNING) break;
    clock_.AwaitHalt();  // taken up, waits for its window
    ++taken_up;
    Kill(name);
  }
  EXPECT_EQ(taken_up, 10);
  EXPECT_EQ(Stored(name).state(), v1::CAMPAIGN_STATE_FAILED);
  EXPECT_THAT(Stored(name).reason(), HasSubstr("more than 10 times within an hour"));
}

TEST_F(CampaignRestartTest, ARecordThatCannotBeReadDoesNotKeepTheOthersFromGoingOn) {
  ASSERT_TRUE(records_.Put("campaigns/broken", "\xff\xff", start_).ok());
  const std::string name = KilledAt(FiveWindows(), 5);
  EXPECT_EQ(TakenUpToTheEnd(name).state(), v1::CAMPAIGN_STATE_COMPLETED);
}

}  // namespace
}  // namespace grayling

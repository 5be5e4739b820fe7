#include <gmock/gmock.h>

#include "tests/unit/fault/faults_fixture.h"

namespace grayling {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RecoveryTest : public FaultsTest {
 protected:
  // A journal's line as a killed daemon left it.
  std::string LeftBehind(FaultState state, absl::Duration age) {
    FaultRecord fault;
    fault.name = "faults/left";
    fault.kind = "network.delay";
    fault.vm = "vms/lab";
    fault.service = "visits-service";
    fault.duration = absl::Seconds(600);
    fault.state = state;
    fault.created = clock_.Now() - age;
    EXPECT_TRUE(journal_.Put(fault).ok());
    return fault.name;
  }
};

TEST_F(RecoveryTest, AFaultOfAKilledDaemonIsRevertedWithOneSentence) {
  const FaultRecord fault = Injected(Delay());
  clock_.Advance(absl::Seconds(2));
  RestartDaemon();
  EXPECT_THAT(faults_->Recover(),
              ElementsAre(AllOf(HasSubstr(fault.name), HasSubstr("was VERIFIED"),
                                HasSubstr("now REVERTED"))));
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
  EXPECT_THAT(Journalled(fault.name).reason, HasSubstr("settled after its restart"));
  EXPECT_EQ(WholeSeconds(Journalled(fault.name)), 2);
}

TEST_F(RecoveryTest, NothingLeftBehindNeedsNoSentence) {
  ASSERT_TRUE(faults_->Revert(Injected(Delay()).name).ok());
  RestartDaemon();
  EXPECT_THAT(faults_->Recover(), IsEmpty());
}

TEST_F(RecoveryTest, APlannedFaultNeverReachedTheGuest) {
  const std::string name = LeftBehind(FaultState::kPlanned, absl::Seconds(1));
  faults_->Recover();
  EXPECT_EQ(Journalled(name).state, FaultState::kFailed);
  EXPECT_THAT(guest_.Commands(), IsEmpty());
}

TEST_F(RecoveryTest, AnArmedFaultThatDidArriveIsReverted) {
  const std::string name = LeftBehind(FaultState::kArmed, absl::Seconds(1));
  guest_.PlantMark("left");
  faults_->Recover();
  EXPECT_EQ(Journalled(name).state, FaultState::kReverted);
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
}

TEST_F(RecoveryTest, AnArmedFaultThatArrivesLateIsRevertedToo) {
  const std::string name = LeftBehind(FaultState::kArmed, absl::Seconds(1));
  faults_->Recover();
  EXPECT_TRUE(Journalled(name).MayBeActive());
  guest_.PlantMark("left");
  faults_->SettleExpired();
  EXPECT_EQ(Journalled(name).state, FaultState::kReverted);
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
}

TEST_F(RecoveryTest, AnArmedFaultThatNeverArrivedIsFailed) {
  const std::string name = LeftBehind(FaultState::kArmed, absl::Minutes(5));
  faults_->Recover();
  EXPECT_EQ(Journalled(name).state, FaultState::kFailed);
}

TEST_F(RecoveryTest, AnUnreachableGuestIsAskedAgainUntilItAnswers) {
  const FaultRecord fault = Injected(Delay());
  guest_.Misbehave({.is_unreachable = true});
  RestartDaemon();
  EXPECT_THAT(faults_->Recover(), ElementsAre(HasSubstr("does not answer")));
  EXPECT_TRUE(Journalled(fault.name).MayBeActive());
  EXPECT_THAT(Journalled(fault.name).reason, HasSubstr("its end is not confirmed"));
  faults_->SettleExpired();
  EXPECT_TRUE(Journalled(fault.name).MayBeActive());

  guest_.Misbehave({});
  clock_.Advance(absl::Seconds(60));
  faults_->SettleExpired();
  const FaultRecord settled = Journalled(fault.name);
  EXPECT_EQ(settled.state, FaultState::kReverted);
  EXPECT_EQ(settled.reason, "was VERIFIED when the daemon stopped; settled after its restart");
  EXPECT_EQ(WholeSeconds(settled), 12);
}

TEST_F(RecoveryTest, ASilentVmIsAskedOncePerRound) {
  Injected(Delay());
  Injected(Delay("vets-service"));
  clock_.Advance(absl::Seconds(20));
  guest_.Misbehave({.is_unreachable = true});
  const size_t before = guest_.Commands().size();
  faults_->SettleExpired();
  EXPECT_EQ(guest_.Commands().size(), before + 1);
}

TEST_F(RecoveryTest, ASilentVmIsAskedOnceAtTheRestartAndAgainForEachFaultLater) {
  const FaultRecord first = Injected(Delay());
  const FaultRecord second = Injected(Delay("vets-service"));
  guest_.Misbehave({.is_unreachable = true});
  RestartDaemon();
  const size_t before = guest_.Commands().size();
  EXPECT_THAT(faults_->Recover(),
              ElementsAre(HasSubstr("does not answer"), HasSubstr("does not answer")));
  EXPECT_EQ(guest_.Commands().size(), before + 1);
  guest_.Misbehave({});
  faults_->SettleExpired();
  for (const FaultRecord& fault : {first, second}) {
    EXPECT_EQ(Journalled(fault.name).state, FaultState::kReverted);
    EXPECT_THAT(Journalled(fault.name).reason, HasSubstr("was VERIFIED when the daemon stopped"));
  }
}

TEST_F(RecoveryTest, AnOrderThatMayStillArriveDoesNotMakeTheGuestSilent) {
  const FaultRecord verified = Injected(Delay());
  LeftBehind(FaultState::kArmed, absl::Seconds(-1));  // the newest, so it is asked about first
  RestartDaemon();
  faults_->Recover();
  EXPECT_EQ(Journalled(verified.name).state, FaultState::kReverted);
}

TEST_F(RecoveryTest, ARebootedGuestHasEndedItsFaults) {
  const FaultRecord fault = Injected(Delay());
  guest_.Reboot();
  clock_.Advance(absl::Seconds(60));
  faults_->SettleExpired();
  const FaultRecord settled = Journalled(fault.name);
  EXPECT_EQ(settled.state, FaultState::kReverted);
  EXPECT_THAT(settled.reason, HasSubstr("upper bound"));
  EXPECT_EQ(settled.reverted, fault.verified + absl::Seconds(12));
}

TEST_F(RecoveryTest, AGuestClockThatJumpedIsMeasuredAgain) {
  ManualClock skewed_clock(clock_.Now());
  FakeProbeExecutor jumped(skewed_clock, absl::Seconds(-100));
  class SwitchableExecutor final : public Executor {
   public:
    explicit SwitchableExecutor(Executor& first) : current(&first) {}
    absl::StatusOr<ExecResult> Run(const std::vector<std::string>& argv,
                                   absl::Duration timeout) override {
      return current->Run(argv, timeout);
    }
    Executor* current;
  } executor(guest_);
  OneGuest guests(executor);
  Faults faults(journal_, events_, guests, ProbeInjectors(guests), clock_);
  ASSERT_TRUE(faults.Inject(Delay()).ok());
  executor.current = &jumped;
  const auto fault = faults.Inject(Delay("vets-service"));
  ASSERT_TRUE(fault.ok()) << fault.status();
  EXPECT_EQ(fault->verified, clock_.Now());
  EXPECT_LT(absl::AbsDuration(*faults.ClockOffset("vms/lab") - absl::Seconds(-100)),
            absl::Seconds(1));
}

TEST_F(RecoveryTest, AnEmptyJournalIsNoHindranceToRevertAll) {
  guest_.PlantMark("of-another-database");
  const auto reverted = faults_->RevertAll("");
  ASSERT_TRUE(reverted.ok()) << reverted.status();
  EXPECT_THAT(reverted->unknown_marks, ElementsAre("of-another-database"));
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
}

TEST_F(RecoveryTest, WhoCannotTellWhichVmsThereAreSaysSo) {
  guests_.hypervisor_is_down = true;
  EXPECT_TRUE(absl::IsUnavailable(faults_->RevertAll("").status()));
}

}  // namespace
}  // namespace grayling

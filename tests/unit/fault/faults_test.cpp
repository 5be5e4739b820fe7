#include <gmock/gmock.h>

#include <cstdlib>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "tests/unit/fault/faults_fixture.h"

namespace grayling {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string SentenceOf(const absl::Status& status) { return std::string(status.message()); }

TEST_F(FaultsTest, AnInjectedFaultIsVerifiedInTheHostsClock) {
  const FaultRecord fault = Injected(Delay());
  EXPECT_EQ(fault.state, FaultState::kVerified);
  EXPECT_EQ(fault.verified, clock_.Now());
  EXPECT_EQ(fault.parameters,
            (std::map<std::string, double>{
                {"correlation_percent", 0}, {"delay_ms", 40}, {"jitter_ms", 0}, {"port", 0}}));
  EXPECT_EQ(fault.name, "faults/20260301T101500-1");
  EXPECT_THAT(guest_.LiveMarks(), SizeIs(1));
}

TEST_F(FaultsTest, TheToolIsTheOnlyProgramAndGetsTheTargetAndTheTimer) {
  Injected(Delay());
  const std::string apply = absl::StrJoin(guest_.Commands().back(), " ");
  EXPECT_EQ(apply,
            absl::StrCat(kProbePath,
                         " fault apply --id 20260301T101500-1 --kind network.delay --ttl-ms 12000 "
                         "--veth veth102 --cgroup /sys/fs/cgroup/system.slice/docker-102.scope "
                         "--pid 102 --container c0ffee102 "
                         "--shape constant,from=0,steps=4,period_s=10,duty=0.5,seed=1 "
                         "--param correlation_percent=0 --param delay_ms=40 --param jitter_ms=0 "
                         "--param port=0 --option direction=in --option distribution=uniform "
                         "--option peer="));
}

TEST_F(FaultsTest, TheUndoIsInTheJournalBeforeTheGuestIsAsked) {
  FaultRecord seen;
  guest_.OnApply([&](const auto&) { seen = *journal_.Get("faults/20260301T101500-1"); });
  Injected(Delay());
  EXPECT_EQ(seen.state, FaultState::kArmed);
  EXPECT_EQ(seen.undo, absl::StrCat("[\"", kProbePath,
                                    "\",\"fault\",\"revert\",\"--id\",\"20260301T101500-1\"]"));
}

TEST_F(FaultsTest, BadRequestsReachNeitherJournalNorGuest) {
  FaultRequest endless = Delay();
  endless.duration = absl::ZeroDuration();
  FaultRequest forever = Delay();
  forever.duration = absl::InfiniteDuration();
  FaultRequest unknown_kind = Delay();
  unknown_kind.kind = "disk.full";
  FaultRequest too_strong = Delay();
  too_strong.parameters["delay_ms"] = 10001;
  FaultRequest nowhere = Delay();
  nowhere.service.clear();
  for (const FaultRequest& request : {endless, forever, unknown_kind, too_strong, nowhere}) {
    EXPECT_TRUE(absl::IsInvalidArgument(faults_->Inject(request).status()));
  }
  EXPECT_THAT(guest_.Commands(), IsEmpty());
  EXPECT_THAT(*journal_.List(false), IsEmpty());
}

TEST_F(FaultsTest, AnUnknownServiceIsRefusedWithThoseThatExist) {
  const absl::Status status = faults_->Inject(Delay("visit-service")).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(SentenceOf(status), HasSubstr("visits-service"));
  EXPECT_THAT(*journal_.List(false), IsEmpty());
}

TEST_F(FaultsTest, SuccessWithoutEffectIsAFailureAndIsTakenBack) {
  guest_.Misbehave({.applies_without_effect = true});
  const absl::Status status = faults_->Inject(Delay()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(SentenceOf(status), HasSubstr("delay_ms = 40 but the target reads back none"));
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
  EXPECT_EQ(Journalled("faults/20260301T101500-1").state, FaultState::kFailed);
}

TEST_F(FaultsTest, ALoadThatOnlyEchoesWhatWasAskedIsNotBelievedAndTakenBack) {
  FaultRequest load = Delay();
  load.kind = "cpu.load";
  load.parameters = {{"percent", 120}};
  guest_.Misbehave({.burns_too_little = true});
  const absl::Status status = faults_->Inject(load).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(SentenceOf(status), HasSubstr("percent = 120 but the guest measured 12"));
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
  EXPECT_EQ(Journalled("faults/20260301T101500-1").state, FaultState::kFailed);
}

TEST_F(FaultsTest, ARefusalOfTheGuestIsToldInItsOwnWords) {
  guest_.Misbehave({.refuses_to_apply = true});
  const absl::Status status = faults_->Inject(Delay()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(SentenceOf(status), HasSubstr("carries a tbf qdisc that is not ours"));
  EXPECT_EQ(Journalled("faults/20260301T101500-1").state, FaultState::kFailed);
}

TEST_F(FaultsTest, AnUnreachableGuestMeansNothingWasPlanned) {
  guest_.Misbehave({.is_unreachable = true});
  EXPECT_TRUE(absl::IsUnavailable(faults_->Inject(Delay()).status()));
  EXPECT_THAT(*journal_.List(false), IsEmpty());
}

TEST_F(FaultsTest, WhenTheAnswerIsLostTheFaultIsTakenBackAtOnce) {
  guest_.Misbehave({.loses_the_answer_of_apply = true});
  EXPECT_TRUE(absl::IsDeadlineExceeded(faults_->Inject(Delay()).status()));
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
  EXPECT_EQ(Journalled("faults/20260301T101500-1").state, FaultState::kFailed);
}

TEST_F(FaultsTest, AnOrderThatMayStillArriveStaysLiveUntilItCannot) {
  guest_.Misbehave({.loses_the_order_to_apply = true});
  EXPECT_FALSE(faults_->Inject(Delay()).ok());
  EXPECT_TRUE(Journalled("faults/20260301T101500-1").MayBeActive());
  faults_->SettleExpired();
  EXPECT_TRUE(Journalled("faults/20260301T101500-1").MayBeActive());
  clock_.Advance(absl::Seconds(31));
  faults_->SettleExpired();
  EXPECT_EQ(Journalled("faults/20260301T101500-1").state, FaultState::kFailed);
}

TEST_F(FaultsTest, RevertEndsAFaultNowAndTellsWhen) {
  const FaultRecord fault = Injected(Delay());
  clock_.Advance(absl::Seconds(5));
  const auto reverted = faults_->Revert(fault.name);
  ASSERT_TRUE(reverted.ok()) << reverted.status();
  EXPECT_EQ(reverted->state, FaultState::kReverted);
  EXPECT_EQ(WholeSeconds(*reverted), 5);
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
}

TEST_F(FaultsTest, RevertingTwiceAnswersTheSameWithoutAskingTheGuest) {
  const FaultRecord fault = Injected(Delay());
  const auto first = faults_->Revert(fault.name);
  const size_t commands = guest_.Commands().size();
  clock_.Advance(absl::Seconds(3));
  const auto second = faults_->Revert(fault.name);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(second->reverted, first->reverted);
  EXPECT_THAT(guest_.Commands(), SizeIs(commands));
}

TEST_F(FaultsTest, AGuestClockThatMovedWithinAFaultIsTheReasonWhyItsInstantsAreNotExact) {
  for (const int milliseconds : {-150, 150, -50, 50}) {
    const FaultRecord fault = Injected(Delay());
    clock_.Advance(absl::Seconds(5));
    guest_.MoveClock(absl::Milliseconds(milliseconds));
    const auto reverted = faults_->Revert(fault.name);
    ASSERT_TRUE(reverted.ok()) << reverted.status();
    const bool has_moved = reverted->reason.find("clock moved by") != std::string::npos;
    EXPECT_EQ(has_moved, std::abs(milliseconds) > 100) << milliseconds << reverted->reason;
  }
}

TEST_F(FaultsTest, AnEndThatCannotBeIsCutToItsBoundsAndSaysSo) {
  const FaultRecord fault = Injected(Delay());
  clock_.Advance(absl::Seconds(5));
  guest_.Misbehave({.tells_ends_of_another_age = true});
  const auto reverted = faults_->Revert(fault.name);
  ASSERT_TRUE(reverted.ok()) << reverted.status();
  EXPECT_EQ(reverted->reverted, fault.verified);
  EXPECT_THAT(reverted->reason, HasSubstr("its end is not exact"));
}

TEST_F(FaultsTest, AVmThatIsGoneIsNotTakenForAGuestWithoutTheFault) {
  const FaultRecord fault = Injected(Delay());
  guests_.is_gone = true;
  EXPECT_TRUE(absl::IsUnavailable(faults_->Revert(fault.name).status()));
  EXPECT_TRUE(Journalled(fault.name).MayBeActive());
}

TEST_F(FaultsTest, RevertAllAsksASilentGuestOnce) {
  Injected(Delay());
  Injected(Delay("vets-service"));
  guest_.Misbehave({.is_unreachable = true});
  const size_t before = guest_.Commands().size();
  EXPECT_TRUE(absl::IsUnavailable(faults_->RevertAll("").status()));
  EXPECT_THAT(guest_.Commands(), SizeIs(before + 1));
  guest_.Misbehave({});
  faults_->SettleExpired();  // it goes on trying, for both
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
}

TEST_F(FaultsTest, AFaultThatItsOwnTimerEndedIsSettledWithItsTrueEnd) {
  const FaultRecord fault = Injected(Delay());
  clock_.Advance(absl::Seconds(20));
  faults_->SettleExpired();
  const FaultRecord settled = Journalled(fault.name);
  EXPECT_EQ(settled.state, FaultState::kReverted);
  EXPECT_EQ(WholeSeconds(settled), 12);
}

TEST_F(FaultsTest, AFaultWhoseTimeHasNotPassedIsNotSettled) {
  const FaultRecord fault = Injected(Delay());
  clock_.Advance(absl::Seconds(11));
  faults_->SettleExpired();
  EXPECT_EQ(Journalled(fault.name).state, FaultState::kVerified);
}

TEST_F(FaultsTest, ResidueIsShoutedAndStaysUntilSomebodyRevertsIt) {
  const FaultRecord fault = Injected(Delay());
  guest_.Misbehave({.leaves_residue = true});
  EXPECT_TRUE(absl::IsDataLoss(faults_->Revert(fault.name).status()));
  guest_.Misbehave({});
  clock_.Advance(absl::Seconds(60));
  faults_->SettleExpired();
  EXPECT_EQ(Journalled(fault.name).state, FaultState::kResidue);
  EXPECT_THAT(Journalled(fault.name).reason, HasSubstr("netem on veth102"));
  EXPECT_THAT(LoggedTexts(), Contains(HasSubstr("RESIDUE")));
  EXPECT_EQ(faults_->Revert(fault.name)->state, FaultState::kReverted);
}

TEST_F(FaultsTest, NonsenseFromTheGuestIsNotTakenForAnEnd) {
  const FaultRecord fault = Injected(Delay());
  guest_.Misbehave({.answers_nonsense = true});
  EXPECT_FALSE(faults_->Revert(fault.name).ok());
  EXPECT_TRUE(Journalled(fault.name).MayBeActive());
}

TEST_F(FaultsTest, TwoFaultsOnOneQdiscExcludeEachOther) {
  const FaultRecord delay = Injected(Delay());
  FaultRequest loss = Delay();
  loss.kind = "network.loss";
  loss.parameters.clear();
  const absl::Status status = faults_->Inject(loss).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(SentenceOf(status), AllOf(HasSubstr(delay.name), HasSubstr("qdisc")));
}

TEST_F(FaultsTest, FaultsOfOtherKindsOrOtherServicesOverlap) {
  FaultRequest load = Delay();
  load.kind = "cpu.load";
  load.parameters = {{"percent", 120}};
  Injected(Delay());
  Injected(load);
  Injected(Delay("vets-service"));
  EXPECT_THAT(guest_.LiveMarks(), SizeIs(3));
}

TEST_F(FaultsTest, AQdiscWhoseFaultHasEndedByItselfIsFree) {
  Injected(Delay());
  clock_.Advance(absl::Seconds(13));
  EXPECT_EQ(Injected(Delay()).state, FaultState::kVerified);
}

TEST_F(FaultsTest, TheSixtyFifthLiveFaultIsRefused) {
  FaultRequest load = Delay();
  load.kind = "cpu.load";
  load.parameters.clear();
  for (int i = 0; i < 64; ++i) Injected(load);
  EXPECT_TRUE(absl::IsResourceExhausted(faults_->Inject(load).status()));
  EXPECT_THAT(guest_.LiveMarks(), SizeIs(64));
}

TEST_F(FaultsTest, RevertAllEndsWhatTheJournalKnowsAndWhatItDoesNot) {
  Injected(Delay());
  Injected(Delay("vets-service"));
  guest_.PlantMark("of-another-daemon");
  const auto result = faults_->RevertAll("");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->faults, SizeIs(2));
  EXPECT_EQ(result->unknown_marks, std::vector<std::string>{"of-another-daemon"});
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
}

TEST_F(FaultsTest, RevertAllOfAVmThatIsNotThereSaysSo) {
  EXPECT_TRUE(absl::IsNotFound(faults_->RevertAll("vms/nowhere").status()));
}

TEST_F(FaultsTest, AGuestThatIsBeingAskedBlocksOnlyItsOwnFault) {
  const FaultRecord other = Injected(Delay("vets-service"));
  absl::Notification asked;
  absl::Notification answer;
  class SlowInjector final : public Injector {
   public:
    SlowInjector(Guests& guests, absl::Notification& asked, absl::Notification& answer)
        : probe_(guests), asked_(asked), answer_(answer) {}
    bool Handles(const std::string& kind, const std::string& backend) const override {
      return probe_.Handles(kind, backend);
    }
    std::vector<std::string> UndoCommand(const FaultOrder& order) const override {
      return probe_.UndoCommand(order);
    }
    absl::StatusOr<FaultEffect> Apply(const FaultOrder& order) override {
      asked_.Notify();
      answer_.WaitForNotification();
      return probe_.Apply(order);
    }
    absl::StatusOr<FaultEffect> Revert(const std::string& vm, const std::string& id) override {
      return probe_.Revert(vm, id);
    }
    absl::StatusOr<std::vector<std::string>> Marks(const std::string& vm) override {
      return probe_.Marks(vm);
    }

   private:
    ProbeInjector probe_;
    absl::Notification& asked_;
    absl::Notification& answer_;
  };
  std::vector<std::unique_ptr<Injector>> injectors;
  injectors.push_back(std::make_unique<SlowInjector>(guests_, asked, answer));
  Faults faults(journal_, events_, guests_, std::move(injectors), clock_);

  std::thread injecting([&] { EXPECT_TRUE(faults.Inject(Delay()).ok()); });
  asked.WaitForNotification();
  faults.SettleExpired();  // must neither wait for the fault that is on its way nor end it
  EXPECT_TRUE(faults.Revert(other.name).ok());
  answer.Notify();
  injecting.join();
  EXPECT_THAT(guest_.LiveMarks(), SizeIs(1));
}

}  // namespace
}  // namespace grayling

// Faults of the VM itself, which are kept on the host: the host's tool is the guest's in behaviour.

#include <gmock/gmock.h>

#include "daemon/fault/vm_injector.h"
#include "tests/unit/fault/faults_fixture.h"

namespace grayling {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

class HostFaultsTest : public FaultsTest {
 protected:
  HostFaultsTest() { RestartWithHost(); }

  void RestartWithHost() {
    std::vector<std::unique_ptr<Injector>> injectors = ProbeInjectors(guests_);
    injectors.push_back(std::make_unique<VmInjector>(
        host_, VmFaultTool{kProbePath, "qemu:///system", "/run/grayling/vm-faults"}));
    faults_ = std::make_unique<Faults>(journal_, events_, guests_, std::move(injectors), clock_);
  }

  static FaultRequest Cap() {
    return {"vm.cpu_cap", "vms/lab", "", {{"percent", 40}}, absl::Seconds(12), ""};
  }

  void SilenceTheGuest() {
    FakeProbeExecutor::Misbehaviour silent;
    silent.is_unreachable = true;
    guest_.Misbehave(silent);
  }

  FakeProbeExecutor host_{clock_, absl::ZeroDuration()};
};

TEST_F(HostFaultsTest, TheHostsToolGetsTheDomainAndTheGuestIsNotAsked) {
  const FaultRecord fault = Injected(Cap());
  EXPECT_EQ(fault.state, FaultState::kVerified);
  EXPECT_EQ(fault.verified, clock_.Now());
  ASSERT_FALSE(host_.Commands().empty());
  EXPECT_THAT(host_.Commands().front(),
              IsSupersetOf({"apply", "--domain", "lab", "percent=40", "--connect", "qemu:///system",
                            "--state-dir", "/run/grayling/vm-faults"}));
  EXPECT_THAT(guest_.Commands(), IsEmpty());
}

TEST_F(HostFaultsTest, TheUndoInTheJournalIsOneForTheHost) {
  const FaultRecord fault = Injected(Cap());
  EXPECT_THAT(Journalled(fault.name).undo, HasSubstr("--connect"));
}

TEST_F(HostFaultsTest, AServiceIsRefusedForAFaultOfTheWholeVm) {
  FaultRequest request = Cap();
  request.service = "visits-service";
  EXPECT_EQ(faults_->Inject(request).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(host_.Commands(), IsEmpty());
}

TEST_F(HostFaultsTest, ASilentGuestDoesNotKeepTheHostsFaultsFromBeingReverted) {
  const FaultRecord in_guest = Injected(Delay());
  const FaultRecord on_host = Injected(Cap());
  SilenceTheGuest();
  EXPECT_TRUE(absl::IsUnavailable(faults_->RevertAll("vms/lab").status()));
  EXPECT_EQ(Journalled(on_host.name).state, FaultState::kReverted);
  EXPECT_EQ(Journalled(in_guest.name).state, FaultState::kReverting);
}

TEST_F(HostFaultsTest, TheHostsFaultsAreRevertedFirstForTheyMayBeWhyTheGuestIsSlow) {
  const FaultRecord in_guest = Injected(Delay());
  const FaultRecord on_host = Injected(Cap());
  const absl::StatusOr<Faults::RevertAllResult> result = faults_->RevertAll("");
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->faults.size(), 2U);
  EXPECT_EQ(result->faults[0].name, on_host.name);
  EXPECT_EQ(result->faults[1].name, in_guest.name);
}

TEST_F(HostFaultsTest, SettlingGoesOnOnTheHostWhenTheGuestIsSilent) {
  Injected(Delay());
  const FaultRecord on_host = Injected(Cap());
  SilenceTheGuest();
  clock_.Advance(absl::Seconds(13));
  faults_->SettleExpired();
  EXPECT_EQ(Journalled(on_host.name).state, FaultState::kReverted);
  EXPECT_EQ(WholeSeconds(Journalled(on_host.name)), 12);
  EXPECT_EQ(Journalled(on_host.name).reason, "");
}

TEST_F(HostFaultsTest, RevertAllFindsMarksOnTheHostThatTheJournalDoesNotKnow) {
  host_.PlantMark("of-a-lost-database");
  SilenceTheGuest();
  const absl::StatusOr<Faults::RevertAllResult> result = faults_->RevertAll("vms/lab");
  EXPECT_FALSE(result.ok()) << "the guest could not be asked";
  EXPECT_THAT(host_.LiveMarks(), IsEmpty());
}

TEST_F(HostFaultsTest, ARestartRevertsTheHostsFaultsAndItsUnknownMarks) {
  const FaultRecord fault = Injected(Cap());
  host_.PlantMark("of-a-lost-line");
  RestartWithHost();
  EXPECT_THAT(faults_->Recover(), ElementsAre(HasSubstr(fault.name), HasSubstr("of-a-lost-line")));
  EXPECT_THAT(host_.LiveMarks(), IsEmpty());
  EXPECT_EQ(Journalled(fault.name).state, FaultState::kReverted);
}

TEST_F(HostFaultsTest, AHostThatHasForgottenAFaultIsCalledTheHost) {
  const FaultRecord fault = Injected(Cap());
  host_.Reboot();
  ASSERT_TRUE(faults_->Revert(fault.name).ok());
  EXPECT_THAT(Journalled(fault.name).reason, HasSubstr("the host does not know it any more"));
}

TEST_F(HostFaultsTest, EventsNameTheVmAndNoEmptyService) {
  Injected(Cap());
  EXPECT_THAT(LoggedTexts(), Contains(HasSubstr("vm.cpu_cap on vms/lab: VERIFIED")));
  EXPECT_THAT(LoggedTexts(), Not(Contains(HasSubstr("on  in"))));
}

}  // namespace
}  // namespace grayling

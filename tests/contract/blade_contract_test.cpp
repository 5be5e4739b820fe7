// ChaosBlade as a backend, end to end on one machine: the daemon's injector, the real guest tool
// with its keepers, and a fake `blade` (tests/fake_blade) that really burns, fills and signals.

#include <gmock/gmock.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/fault/probe_injector.h"
#include "tests/contract/blade_fixture.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kVm[] = "vms/lab";
constexpr char kId[] = "contract";

char StateOf(int pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string number, name, state;
  file >> number >> name >> state;
  return state.empty() ? 0 : state[0];
}

bool IsInMemory(const std::string& folder) {
  struct statfs file_system {};
  return statfs(folder.c_str(), &file_system) == 0 && file_system.f_type == TMPFS_MAGIC;
}

bool ReachesState(int pid, char state) {
  for (int tries = 0; tries < 250 && StateOf(pid) != state; ++tries) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  return StateOf(pid) == state;
}

TEST_F(BladeOnThisMachine, ACpuLoadIsThereAndGoneAsWithTheNativeBackend) {
  ProbeInjector native(*tool_);
  for (Injector* injector : std::initializer_list<Injector*>{&native, blade_.get()}) {
    FaultOrder order = Order("cpu.load", {{"percent", 30}});
    if (injector == blade_.get()) order.id = "by-blade";
    const auto applied = injector->Apply(order);
    ASSERT_TRUE(applied.ok()) << applied.status();
    EXPECT_THAT(applied->readback, HasSubstr("cpu load 30 percent of a core asked"));
    EXPECT_THAT(Strangers(), SizeIs(1));
    const auto reverted = injector->Revert(kVm, order.id);
    ASSERT_TRUE(reverted.ok()) << reverted.status();
    EXPECT_THAT(Strangers(), IsEmpty());
    EXPECT_GT(reverted->time, applied->time);
  }
}

TEST_F(BladeOnThisMachine, TheMarkIsListedAndRevertAllFindsIt) {
  ASSERT_TRUE(blade_->Apply(Order("cpu.load", {{"percent", 20}})).ok());
  const auto marks = ProbeInjector(*tool_).Marks(kVm);
  ASSERT_TRUE(marks.ok()) << marks.status();
  EXPECT_EQ(*marks, std::vector<std::string>{kId});
  EXPECT_EQ(tool_->Run({"", "fault", "revert", "--all"}, absl::Seconds(30))->exit_code, 0);
  EXPECT_THAT(Strangers(), IsEmpty());
}

// Whatever blade says or does at its creation, an effect that is not there is no fault, and nothing
// is left.
struct BadCreation {
  const char* mood;
  const char* sentence;
};
class BadCreations : public BladeOnThisMachine, public testing::WithParamInterface<BadCreation> {};

TEST_P(BadCreations, AreRefusedAndLeaveNothing) {
  SetMood(GetParam().mood);
  const absl::Status status = blade_->Apply(Order("cpu.load", {{"percent", 20}})).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().sentence));
  EXPECT_TRUE(IsAloneWithin(0));
  EXPECT_THAT(*ProbeInjector(*tool_).Marks(kVm), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Moods, BadCreations,
    testing::Values(BadCreation{"dead-burner", "says success, but none of its processes is alive"},
                    BadCreation{"burner-outside", "run outside of the service's cgroup"},
                    BadCreation{"create-fails", "refused with code 63061"},
                    BadCreation{"create-fails-late", "refused with code 63061"},
                    BadCreation{"create-fails usage", "refused with code 63061, 'exit status 1'"},
                    BadCreation{"success-with-error", "contradicts itself"},
                    BadCreation{"wrong-uid", "created another experiment"},
                    BadCreation{"hanging-create", "still ran after 10 s"}),
    [](const auto& info) {
      std::string name = info.param.mood;
      for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
      return name;
    });

class BadDestructions : public BladeOnThisMachine,
                        public testing::WithParamInterface<const char*> {};

TEST_P(BadDestructions, LeaveABurnerThatIsTakenAwayByHand) {
  ASSERT_TRUE(blade_->Apply(Order("cpu.load", {{"percent", 20}})).ok());
  SetMood(GetParam());
  const auto reverted = blade_->Revert(kVm, kId);
  EXPECT_TRUE(reverted.ok()) << reverted.status();
  EXPECT_THAT(Strangers(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Moods, BadDestructions, testing::Values("residue", "destroy-fails"),
                         [](const auto& info) {
                           return std::string(info.param) == "residue" ? "Residue" : "Fails";
                         });

TEST_F(BladeOnThisMachine, AForeignProcessInTheContainerIsNeverTakenForBlades) {
  const int bystander = StartInContainer({"sleep", "601"});
  ASSERT_TRUE(blade_->Apply(Order("cpu.load", {{"percent", 20}})).ok());
  SetMood("residue");
  ASSERT_TRUE(blade_->Revert(kVm, kId).ok());
  EXPECT_EQ(StateOf(bystander), 'S');
}

TEST_F(BladeOnThisMachine, TheFaultEndsAtItsTimeThoughBladesTimerSleepsAndNobodyAsks) {
  SetMood("timer-sleeps");
  FaultOrder order = Order("cpu.load", {{"percent", 20}});
  order.duration = absl::Milliseconds(500);
  ASSERT_TRUE(blade_->Apply(order).ok());
  EXPECT_TRUE(IsAloneWithin(8));
  EXPECT_TRUE(blade_->Revert(kVm, kId).ok());
}

TEST_F(BladeOnThisMachine, AKilledKeeperTakesTheExperimentWithIt) {
  ASSERT_TRUE(blade_->Apply(Order("cpu.load", {{"percent", 20}})).ok());
  const int keeper = PidInMark("keeper");
  ASSERT_GT(keeper, 1);
  kill(keeper, SIGKILL);
  EXPECT_TRUE(IsAloneWithin(10));
  EXPECT_TRUE(blade_->Revert(kVm, kId).ok());
}

TEST_F(BladeOnThisMachine, TheMarkAloneIsEnoughToTakeItBack) {
  ASSERT_TRUE(blade_->Apply(Order("cpu.load", {{"percent", 20}})).ok());
  const int keeper = PidInMark("keeper");
  const int guard = PidInMark("guard");
  ASSERT_GT(std::min(keeper, guard), 1);
  kill(guard, SIGKILL);
  kill(keeper, SIGKILL);
  EXPECT_THAT(Strangers(), SizeIs(1));
  const auto reverted = blade_->Revert(kVm, kId);
  EXPECT_TRUE(reverted.ok()) << reverted.status();
  EXPECT_THAT(Strangers(), IsEmpty());
}

TEST_F(BladeOnThisMachine, ABladeThatHasGoneDoesNotKeepItsBurner) {
  ASSERT_TRUE(blade_->Apply(Order("cpu.load", {{"percent", 20}})).ok());
  std::filesystem::remove(folder_ + "/blade");
  const auto reverted = blade_->Revert(kVm, kId);
  EXPECT_TRUE(reverted.ok()) << reverted.status();
  EXPECT_THAT(Strangers(), IsEmpty());
}

TEST_F(BladeOnThisMachine, AGuestWithoutBladeSaysWhatToDo) {
  BladeInjector none(*tool_, "/no/such/blade");
  const absl::Status status = none.Apply(Order("cpu.load")).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("neither /no/such/blade nor blade in $PATH; install it there"));
}

TEST_F(BladeOnThisMachine, AContainerThatBladeDoesNotKnowIsSaidSo) {
  std::ofstream(folder_ + "/containers") << "beef 1 /\n";
  EXPECT_THAT(std::string(blade_->Apply(Order("cpu.load")).status().message()),
              HasSubstr("code 47010"));
}

TEST_F(BladeOnThisMachine, AFilledDiskIsMeasuredAndFreedAgain) {
  const std::string file = folder_ + "/data/chaos_filldisk.log.dat";
  const auto applied =
      blade_->Apply(Order("disk.fill", {{"mib", 8}}, {{"path", folder_ + "/data"}}));
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_THAT(applied->readback, HasSubstr("a file of 8 MiB, 8 asked"));
  EXPECT_EQ(std::filesystem::file_size(file), 8u << 20U);
  SetMood("residue");
  ASSERT_TRUE(blade_->Revert(kVm, kId).ok());
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(BladeOnThisMachine, ADiskIsNotFilledBelowItsFloor) {
  const absl::Status status = blade_
                                  ->Apply(Order("disk.fill", {{"mib", 8}, {"keep_free_mib", 1e6}},
                                                {{"path", folder_ + "/data"}}))
                                  .status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("would leave less than keep_free_mib"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ + "/data"));
}

TEST_F(BladeOnThisMachine, ADiskBurnerAndItsFileGo) {
  const auto applied =
      blade_->Apply(Order("disk.burn", {{"mib_per_s", 2000}}, {{"path", folder_ + "/data"}}));
  if (IsInMemory(folder_)) {  // and the kernel counts: then that is no disk, and no fault
    if (applied.ok()) {
      EXPECT_THAT(applied->readback, HasSubstr("does not count"));
    } else {
      EXPECT_THAT(std::string(applied.status().message()), HasSubstr("moves nothing to or from"));
      EXPECT_TRUE(std::filesystem::is_empty(folder_ + "/data"));
    }
    return;
  }
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_THAT(applied->readback, HasSubstr("disk burnt"));
  EXPECT_THAT(Strangers(), SizeIs(1));
  SetMood("residue");
  ASSERT_TRUE(blade_->Revert(kVm, kId).ok());
  EXPECT_THAT(Strangers(), IsEmpty());
  EXPECT_TRUE(std::filesystem::is_empty(folder_ + "/data"));
}

TEST_F(BladeOnThisMachine, AStoppedProcessRunsAgainEvenWhenBladeForgetsIt) {
  const int victim = StartInContainer({"tail", "-f", "/dev/null"});
  ASSERT_TRUE(blade_->Apply(BladeLine({"cri", "process", "stop", "--process", "tail"})).ok());
  EXPECT_EQ(StateOf(victim), 'T');
  SetMood("residue");
  ASSERT_TRUE(blade_->Revert(kVm, kId).ok());
  EXPECT_TRUE(ReachesState(victim, 'S'));
}

TEST_F(BladeOnThisMachine, AKilledProcessIsSeenToBeGone) {
  const int victim = StartInContainer({"tail", "-f", "/dev/null"});
  const auto applied = blade_->Apply(Order("process.kill", {}, {{"process", "tail"}}));
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_EQ(StateOf(victim), 'Z');  // until the test collects it
  EXPECT_TRUE(blade_->Revert(kVm, kId).ok());
}

TEST_F(BladeOnThisMachine, TheContainersFirstProcessCannotBeKilledFromInside) {
  const absl::Status status =
      blade_->Apply(Order("process.kill", {}, {{"process", "sleep"}})).status();
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("only 0 of 1 processes 'sleep' ended (a container's first process"));
  EXPECT_EQ(StateOf(service_.pid), 'S');
}

std::vector<std::string> Tc(std::initializer_list<const char*> words) {
  std::vector<std::string> argv = {"tc", "qdisc"};
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

TEST_F(BladeOnThisMachine, AnEarlierQdiscIsNotGivenToBlade) {
  ASSERT_NO_FATAL_FAILURE(AddNetwork());
  ASSERT_EQ(InNetwork(Tc({"add", "dev", "eth0", "root", "handle", "7:", "pfifo"})), "");
  const absl::Status status =
      blade_->Apply(Order("network.delay", {}, {{"direction", "out"}})).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("eth0 already has the root qdisc pfifo 7:, which blade destroy would"));
  EXPECT_THAT(InNetwork(Tc({"show", "dev", "eth0"})), HasSubstr("pfifo 7: root"));
}

TEST_F(BladeOnThisMachine, AnInterfaceThatIsNotTheServicesIsRefused) {
  ASSERT_NO_FATAL_FAILURE(AddNetwork());
  const absl::Status status =
      blade_->Apply(BladeLine({"cri", "network", "loss", "--interface", "lo", "--percent", "5"}))
          .status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("lo in the container is not the other end"));
}

class BladeNetem : public BladeOnThisMachine {
 protected:
  void SetUp() override {
    BladeOnThisMachine::SetUp();
    if (IsSkipped()) return;
    ASSERT_NO_FATAL_FAILURE(AddNetwork());
    if (InNetwork(Tc({"add", "dev", "eth0", "root", "netem"})) != "") {
      GTEST_SKIP() << "this kernel has no netem (the lab's guest has)";
    }
    ASSERT_EQ(InNetwork(Tc({"del", "dev", "eth0", "root"})), "");
    quiet_ = Network();
  }

  std::string Network() {
    return InNetwork(Tc({"show", "dev", "eth0"})) +
           InNetwork({"ip", "-j", "link", "show", "dev", "eth0"});
  }
  absl::StatusOr<FaultEffect> Apply(const std::string& kind,
                                    std::map<std::string, double> parameters = {},
                                    std::vector<std::string> peers = {}) {
    FaultOrder order = Order(kind, std::move(parameters), {{"direction", "out"}});
    order.peer_addresses = std::move(peers);
    return blade_->Apply(order);
  }
  void RevertsToQuiet() {
    const auto reverted = blade_->Revert(kVm, kId);
    EXPECT_TRUE(reverted.ok()) << reverted.status();
    EXPECT_EQ(Network(), quiet_);
  }

  std::string quiet_;
};

TEST_F(BladeNetem, ADelayIsReadBackFromTheKernelAndGone) {
  const auto applied = Apply("network.delay", {{"delay_ms", 40}, {"jitter_ms", 5}});
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_THAT(applied->readback, HasSubstr("delay_ms 40, jitter_ms 5"));
  EXPECT_THAT(InNetwork(Tc({"show", "dev", "eth0"})), HasSubstr("delay 40ms  5ms"));
  RevertsToQuiet();
}

TEST_F(BladeNetem, ALossForOnePeerAndPortIsFoundBelowBladesPrio) {
  const auto applied = Apply("network.loss", {{"percent", 2.5}, {"port", 80}}, {"10.9.0.1"});
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_THAT(InNetwork(Tc({"show", "dev", "eth0"})), HasSubstr("netem 40: parent 1:4"));
  RevertsToQuiet();
}

class BladePacketShare : public BladeNetem, public testing::WithParamInterface<const char*> {};

TEST_P(BladePacketShare, IsReadBackAndGone) {
  const auto applied = Apply(GetParam());
  ASSERT_TRUE(applied.ok()) << applied.status();
  RevertsToQuiet();
}

INSTANTIATE_TEST_SUITE_P(Kinds, BladePacketShare,
                         testing::Values("network.corrupt", "network.duplicate", "network.reorder"),
                         [](const auto& info) { return std::string(info.param).substr(8); });

TEST_F(BladeNetem, ASuccessWithoutItsDelayIsNotBelieved) {
  SetMood("netem-without-effect");
  const absl::Status status = Apply("network.delay").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("blade says success, but netem on eth0 has delay 0, and 40 was asked for"));
  EXPECT_EQ(Network(), quiet_);
}

TEST_F(BladeNetem, ANetemThatBladeLeavesIsTakenAwayByHand) {
  ASSERT_TRUE(Apply("network.delay").ok());
  SetMood("residue");
  RevertsToQuiet();
}

TEST_F(BladeNetem, AQueueLengthThatBladeChangedIsRestored) {
  SetMood("queue-length");
  ASSERT_TRUE(Apply("network.delay").ok());
  EXPECT_THAT(Network(), HasSubstr("\"txqlen\":77"));
  RevertsToQuiet();
}

TEST_F(BladeOnThisMachine, OfAJvmOnlyBladesWordIsKnownAndThatIsSaid) {
  const auto applied = blade_->Apply(Order("jvm.gc"));
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_THAT(applied->readback, HasSubstr("not verified independently"));
  SetMood("destroy-fails");
  const absl::Status failed = blade_->Revert(kVm, kId).status();
  EXPECT_TRUE(absl::IsDataLoss(failed)) << failed;
  SetMood("");
  EXPECT_TRUE(blade_->Revert(kVm, kId).ok());
}

TEST(RealBlade, IsNotHere) {
  const char* path = std::getenv("GRAYLING_REAL_BLADE");
  if (path == nullptr) {
    GTEST_SKIP() << "the real ChaosBlade cannot be built here: the Go module proxy answers 'This "
                    "module version is not available'; set GRAYLING_REAL_BLADE to its path to see "
                    "its version";
  }
  LocalExecutor here;
  const auto version = here.Run({path, "version"}, absl::Seconds(20));
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->exit_code, 0);
  EXPECT_EQ(version->out.find("stand-in"), std::string::npos) << "that is the fake one";
}

}  // namespace
}  // namespace grayling

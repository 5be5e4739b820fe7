#include "daemon/vm/vms.h"

#include <gmock/gmock.h>

#include "daemon/vm/vm_record.h"
#include "tests/unit/vm/vms_fixture.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Sentence(const absl::Status& status) { return std::string(status.message()); }

using VmsDefine = VmsFixture;
using VmsStart = VmsFixture;
using VmsStop = VmsFixture;
using VmsDelete = VmsFixture;

TEST_F(VmsDefine, KeepsTheDefinitionOverARestartOfTheDaemon) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  Vms restarted(hypervisor_, records_, clock_);
  const auto vm = restarted.Get("vms/lab");
  ASSERT_TRUE(vm.ok()) << vm.status();
  EXPECT_EQ(vm->definition.kernel_path, Lab().kernel_path);
  EXPECT_EQ(vm->definition.memory_mib, 2048);
  EXPECT_EQ(vm->state, DomainState::kShutOff);
  EXPECT_FALSE(vm->agent_answers);
}

TEST_F(VmsDefine, ChoosesHostPortsThatNoOtherVmHas) {
  VmDefinition first = Lab("first");
  first.forwards = {{80, 0}, {9435, 0}};
  VmDefinition second = Lab("second");
  second.forwards = {{80, 0}, {9435, 28080}};
  std::set<uint16_t> ports = {28080};
  for (const VmDefinition& definition : {first, second}) {
    const auto vm = vms_.Define(definition);
    ASSERT_TRUE(vm.ok()) << vm.status();
    for (const PortForward& forward : vm->definition.forwards) ports.insert(forward.host_port);
    EXPECT_EQ(hypervisor_.domains[definition.id].definition.forwards[0].host_port,
              vm->definition.forwards[0].host_port);
  }
  EXPECT_EQ(ports.size(), 4);
  EXPECT_FALSE(ports.contains(0));
}

TEST_F(VmsDefine, NamesTheFileThatIsMissing) {
  VmDefinition lab = Lab();
  lab.initrd_path = folder_.File("nothing");
  const absl::Status status = vms_.Define(lab).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Sentence(status), HasSubstr("initrd_path"));
  EXPECT_THAT(Sentence(status), HasSubstr(lab.initrd_path));
  EXPECT_TRUE(hypervisor_.domains.empty());
}

TEST_F(VmsDefine, RefusesAnIdThatCouldLeaveItsFolder) {
  EXPECT_EQ(vms_.Define(Lab("../lab")).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(VmsDefine, ListsTheOldestFirst) {
  for (const char* id : {"zebra", "ant"}) {
    ASSERT_TRUE(vms_.Define(Lab(id)).ok());
    clock_.Advance(absl::Seconds(1));
  }
  std::vector<std::string> ids;
  const std::vector<VmStatus> vms = *vms_.List();
  for (const VmStatus& vm : vms) ids.push_back(vm.definition.id);
  EXPECT_THAT(ids, ElementsAre("zebra", "ant"));
}

TEST_F(VmsDefine, NamesOfAnotherShapeAreRefusedAndUnknownOnesNotFound) {
  EXPECT_EQ(vms_.Get("lab").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(vms_.Get("vms/").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(vms_.Get("vms/lab").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(VmsStart, ReturnsWhenTheAgentAnswers) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  hypervisor_.pings_before_agent_answers = 20;
  EXPECT_TRUE(Start().ok());
  EXPECT_THAT(steps_, ElementsAre("starting the domain", "waiting for the guest agent"));
  EXPECT_TRUE(vms_.Get("vms/lab")->agent_answers);
}

TEST_F(VmsStart, GivesUpAtTheDeadlineAndNamesTheConsoleLog) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  hypervisor_.pings_before_agent_answers = 1'000'000;
  const absl::Time begin = clock_.Now();
  const absl::Status status = Start(absl::Seconds(30));
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(Sentence(status), HasSubstr(folder_.File("console.log")));
  EXPECT_EQ(clock_.Now() - begin, absl::Seconds(30));
}

TEST_F(VmsStart, NoticesAGuestThatGoesDownWhileBooting) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  hypervisor_.pings_before_agent_answers = 100;
  hypervisor_.pings_before_crash = 3;
  const absl::Status status = Start();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Sentence(status), HasSubstr("went down while booting"));
}

TEST_F(VmsStart, DoesNotWaitForAnErrorThatStays) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  hypervisor_.pings_before_agent_answers = 100;
  hypervisor_.agent_error = absl::UnimplementedError("no agent here");
  EXPECT_EQ(Start().code(), absl::StatusCode::kUnimplemented);
}

TEST_F(VmsStart, OnlyWaitsForAVmThatRunsAlready) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  ASSERT_TRUE(Start().ok());
  steps_.clear();
  EXPECT_TRUE(Start().ok());
  EXPECT_THAT(steps_, ElementsAre("waiting for the guest agent"));
}

TEST_F(VmsStart, StopsWaitingWhenTheDaemonGoesDown) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  hypervisor_.pings_before_agent_answers = 100;
  stop_.Notify();
  EXPECT_EQ(Start().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(hypervisor_.domains["lab"].state, DomainState::kRunning);
}

TEST_F(VmsStart, DefinesADomainAnewThatSomeoneElseUndefined) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  hypervisor_.domains.clear();
  EXPECT_TRUE(Start().ok());
  EXPECT_EQ(hypervisor_.domains["lab"].definition.disk_path, Lab().disk_path);
}

TEST_F(VmsStop, LetsTheGuestPowerOffByItself) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  ASSERT_TRUE(Start().ok());
  hypervisor_.state_reads_before_power_off = 5;
  EXPECT_TRUE(Stop(absl::Seconds(60)).ok());
  EXPECT_EQ(hypervisor_.destroyed, 0);
  EXPECT_EQ(vms_.Get("vms/lab")->state, DomainState::kShutOff);
}

TEST_F(VmsStop, PullsThePlugWhenTheGraceIsOver) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  ASSERT_TRUE(Start().ok());
  hypervisor_.state_reads_before_power_off = 1'000'000;
  const absl::Time begin = clock_.Now();
  EXPECT_TRUE(Stop(absl::Seconds(10)).ok());
  EXPECT_EQ(hypervisor_.destroyed, 1);
  EXPECT_EQ(clock_.Now() - begin, absl::Seconds(10));
}

TEST_F(VmsStop, WithoutGraceDoesNotAsk) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  ASSERT_TRUE(Start().ok());
  EXPECT_TRUE(Stop(absl::ZeroDuration()).ok());
  EXPECT_EQ(hypervisor_.destroyed, 1);
  EXPECT_EQ(hypervisor_.domains["lab"].state_reads_while_shutting_down, -1);
}

TEST_F(VmsStop, OfAVmThatDoesNotRunIsASuccess) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  EXPECT_TRUE(Stop(absl::Seconds(10)).ok());
  EXPECT_EQ(hypervisor_.destroyed, 0);
}

TEST_F(VmsDelete, ForgetsTheVmAndKeepsItsFiles) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  EXPECT_TRUE(vms_.Delete("vms/lab").ok());
  EXPECT_EQ(vms_.Get("vms/lab").status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(hypervisor_.domains.empty());
  EXPECT_TRUE(std::filesystem::exists(Lab().disk_path));
}

TEST_F(VmsDelete, RefusesWhileItRuns) {
  ASSERT_TRUE(vms_.Define(Lab()).ok());
  ASSERT_TRUE(Start().ok());
  EXPECT_EQ(vms_.Delete("vms/lab").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(vms_.Get("vms/lab").ok());
}

TEST(VmRecord, APortBeyond65535IsRefused) {
  v1::VmSpec spec;
  spec.add_forwards()->set_guest_port(65536 + 80);
  EXPECT_EQ(DefinitionFromProto("lab", spec).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(VmRecord, ADefinitionSurvivesTheWayThroughItsPublicForm) {
  VmDefinition vm;
  vm.id = "lab";
  vm.kernel_path = "/k";
  vm.initrd_path = "/i";
  vm.kernel_arguments = "quiet";
  vm.disk_path = "/d";
  vm.payload_path = "/p";
  vm.vcpus = 3;
  vm.memory_mib = 1000;
  vm.accelerator = "kvm";
  vm.forwards = {{80, 20080}};
  vm.console_log_path = "/c";
  const VmDefinition back = *DefinitionFromProto("lab", SpecToProto(vm));
  EXPECT_EQ(SpecToProto(back).SerializeAsString(), SpecToProto(vm).SerializeAsString());
  EXPECT_EQ(back.vcpus, 3);
  EXPECT_EQ(back.payload_path, "/p");
  EXPECT_EQ(back.forwards[0].host_port, 20080);
}

}  // namespace
}  // namespace grayling

#include "daemon/rpc/vm_service.h"

#include <gmock/gmock.h>

#include "daemon/rpc/operation_service.h"
#include "daemon/rpc/target_service.h"
#include "tests/unit/guest/fake_agent_hypervisor.h"
#include "tests/unit/vm/vms_fixture.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

class VmServiceTest : public VmsFixture {
 protected:
  v1::DefineVmRequest LabRequest() {
    v1::DefineVmRequest request;
    request.set_vm_id("lab");
    request.mutable_spec()->set_kernel_path(Lab().kernel_path);
    request.mutable_spec()->set_disk_path(Lab().disk_path);
    request.mutable_spec()->add_forwards()->set_guest_port(80);
    return request;
  }

  v1::Vm DefineLab() {
    v1::Vm vm;
    const v1::DefineVmRequest request = LabRequest();
    EXPECT_TRUE(service_.DefineVm(nullptr, &request, &vm).ok());
    return vm;
  }

  grpc::Status StartLab(v1::Operation* operation) {
    v1::StartVmRequest request;
    request.set_name("vms/lab");
    request.mutable_agent_timeout()->set_seconds(30);
    return service_.StartVm(nullptr, &request, operation);
  }

  v1::Operation Ended(const std::string& name) {
    return *operations_.Wait(name, absl::Seconds(20));
  }

  // What a program in the guest prints.
  std::string guest_prints_ = "Linux\n";
  FakeAgentHypervisor agent_{[this](const std::vector<std::string>&) {
    return ExecResult{2, guest_prints_, "err"};
  }};
  AgentGuests guests_{agent_};
  Operations operations_{clock_};
  VmServiceAdapter service_{vms_, guests_, operations_};
};

TEST_F(VmServiceTest, DefiningFillsDefaultsInAndTellsTheChosenPort) {
  const v1::Vm vm = DefineLab();
  EXPECT_EQ(vm.name(), "vms/lab");
  EXPECT_EQ(vm.spec().vcpus(), 2);
  EXPECT_EQ(vm.spec().memory_mib(), 2048);
  EXPECT_EQ(vm.spec().accelerator(), "tcg");
  EXPECT_NE(vm.spec().forwards(0).host_port(), 0);
  EXPECT_EQ(vm.state(), v1::VM_STATE_SHUT_OFF);
}

TEST_F(VmServiceTest, AMissingFileIsNotFoundWithItsName) {
  v1::DefineVmRequest request = LabRequest();
  request.mutable_spec()->set_kernel_path("/nonexistent/vmlinuz");
  v1::Vm vm;
  const grpc::Status status = service_.DefineVm(nullptr, &request, &vm);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("/nonexistent/vmlinuz"));
}

TEST_F(VmServiceTest, StartingIsAnOperationThatEndsWhenTheAgentAnswers) {
  DefineLab();
  hypervisor_.pings_before_agent_answers = 3;
  v1::Operation operation;
  ASSERT_TRUE(StartLab(&operation).ok());
  EXPECT_EQ(operation.target(), "vms/lab");
  EXPECT_EQ(Ended(operation.name()).error_code(), 0);
  v1::GetVmRequest request;
  request.set_name("vms/lab");
  v1::Vm vm;
  ASSERT_TRUE(service_.GetVm(nullptr, &request, &vm).ok());
  EXPECT_EQ(vm.state(), v1::VM_STATE_RUNNING);
  EXPECT_TRUE(vm.agent_answers());
}

TEST_F(VmServiceTest, AStartThatFailsShowsInItsOperation) {
  DefineLab();
  hypervisor_.pings_before_agent_answers = 1'000'000;
  v1::Operation operation;
  ASSERT_TRUE(StartLab(&operation).ok());
  EXPECT_EQ(Ended(operation.name()).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(VmServiceTest, AnUnknownVmIsRefusedBeforeAnyOperationStarts) {
  v1::Operation operation;
  EXPECT_EQ(StartLab(&operation).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_TRUE(operations_.List().empty());
}

TEST_F(VmServiceTest, StoppingWithGraceZeroPullsThePlug) {
  DefineLab();
  v1::Operation operation;
  ASSERT_TRUE(StartLab(&operation).ok());
  Ended(operation.name());
  v1::StopVmRequest request;
  request.set_name("vms/lab");
  request.mutable_grace();
  ASSERT_TRUE(service_.StopVm(nullptr, &request, &operation).ok());
  EXPECT_EQ(Ended(operation.name()).error_code(), 0);
  EXPECT_EQ(hypervisor_.destroyed, 1);
}

TEST_F(VmServiceTest, ListsInPages) {
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(vms_.Define(Lab(id)).ok());
  v1::ListVmsRequest request;
  request.set_page_size(2);
  v1::ListVmsResponse first;
  ASSERT_TRUE(service_.ListVms(nullptr, &request, &first).ok());
  EXPECT_EQ(first.vms_size(), 2);
  request.set_page_token(first.next_page_token());
  v1::ListVmsResponse second;
  ASSERT_TRUE(service_.ListVms(nullptr, &request, &second).ok());
  EXPECT_EQ(second.vms_size(), 1);
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(VmServiceTest, ExecReturnsCodeAndStreamsOfTheProgram) {
  v1::ExecVmRequest request;
  request.set_name("vms/lab");
  request.add_argv("/bin/uname");
  v1::ExecVmResponse response;
  ASSERT_TRUE(service_.ExecVm(nullptr, &request, &response).ok());
  EXPECT_EQ(response.exit_code(), 2);
  EXPECT_EQ(response.stdout(), "Linux\n");
  EXPECT_EQ(response.stderr(), "err");
}

TEST_F(VmServiceTest, AProgramOfMoreThanFiveMinutesIsRefusedWithTheLimit) {
  v1::ExecVmRequest request;
  request.set_name("vms/lab");
  request.add_argv("/bin/uname");
  request.mutable_timeout()->set_seconds(301);
  v1::ExecVmResponse response;
  const grpc::Status status = service_.ExecVm(nullptr, &request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("the longest is 5m"));
  request.mutable_timeout()->set_seconds(300);
  EXPECT_TRUE(service_.ExecVm(nullptr, &request, &response).ok());
}

TEST_F(VmServiceTest, DeletingAVmThatIsNotThereIsNotFound) {
  v1::DeleteVmRequest request;
  request.set_name("vms/lab");
  v1::DeleteVmResponse response;
  EXPECT_EQ(service_.DeleteVm(nullptr, &request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(VmServiceTest, WaitingForAnOperationReturnsItUnfinishedAfterTheTimeOut) {
  const auto started =
      operations_.Start("vms/lab", [](const absl::Notification& stop, const Operations::Step&) {
        stop.WaitForNotification();
        return absl::OkStatus();
      });
  OperationServiceAdapter service(operations_);
  v1::WaitOperationRequest request;
  request.set_name(started->name());
  request.mutable_timeout()->set_nanos(5'000'000);
  v1::Operation operation;
  ASSERT_TRUE(service.WaitOperation(nullptr, &request, &operation).ok());
  EXPECT_FALSE(operation.done());
  operations_.StopAll();
  request.mutable_timeout()->set_seconds(20);
  ASSERT_TRUE(service.WaitOperation(nullptr, &request, &operation).ok());
  EXPECT_TRUE(operation.done());
}

TEST_F(VmServiceTest, TargetsAreTheContainersThatTheProbeFinds) {
  agent_ = FakeAgentHypervisor([](const std::vector<std::string>&) {
    return ExecResult{0, R"([{"name":"vets-service","id":"9c01","pid":5,"veth":"veth1"}])", ""};
  });
  TargetServiceAdapter service(guests_);
  v1::ListServicesRequest request;
  request.set_vm("vms/lab");
  v1::ListServicesResponse response;
  ASSERT_TRUE(service.ListServices(nullptr, &request, &response).ok());
  ASSERT_EQ(response.services_size(), 1);
  EXPECT_EQ(response.services(0).name(), "vets-service");
  EXPECT_EQ(response.services(0).vm(), "vms/lab");
  EXPECT_EQ(response.services(0).veth(), "veth1");
}

}  // namespace
}  // namespace grayling

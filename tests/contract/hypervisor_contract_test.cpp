#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/vm/libvirt_hypervisor.h"

namespace grayling {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Environment(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

struct Backend {
  std::string name;
  std::string uri;
  // Needs a lab, named by GRAYLING_LAB_KERNEL, GRAYLING_LAB_INITRD and GRAYLING_LAB_DISK (a
  // throw-away overlay).
  bool boots_a_guest;
};

class HypervisorContract : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (GetParam().boots_a_guest && Environment("GRAYLING_LAB_KERNEL").empty()) {
      GTEST_SKIP() << "no lab: GRAYLING_LAB_KERNEL, _INITRD and _DISK name none";
    }
    auto created = LibvirtHypervisor::Create(GetParam().uri);
    ASSERT_TRUE(created.ok()) << created.status();
    hypervisor_ = *std::move(created);
  }

  void TearDown() override {
    if (hypervisor_ == nullptr) return;
    hypervisor_->Destroy(id_).IgnoreError();
    hypervisor_->Undefine(id_).IgnoreError();
  }

  VmDefinition Guest() const {
    VmDefinition guest;
    guest.id = id_;
    guest.memory_mib = 1024;
    if (GetParam().boots_a_guest) {
      guest.kernel_path = Environment("GRAYLING_LAB_KERNEL");
      guest.initrd_path = Environment("GRAYLING_LAB_INITRD");
      guest.disk_path = Environment("GRAYLING_LAB_DISK");
    } else {
      guest.kernel_path = "/images/vmlinuz";
      guest.disk_path = "/images/disk.qcow2";
    }
    guest.kernel_arguments = "root=/dev/vda rw console=ttyS0 quiet mitigations=off apparmor=0";
    return guest;
  }

  // A name from outside lets the caller clean up after a test that was killed.
  const std::string id_ = Environment("GRAYLING_LAB_DOMAIN").empty()
                              ? absl::StrCat("contract-", getpid())
                              : Environment("GRAYLING_LAB_DOMAIN");
  std::unique_ptr<Hypervisor> hypervisor_;
};

TEST_P(HypervisorContract, DescribesItselfWithVersionAndPlace) {
  const auto description = hypervisor_->Describe();
  ASSERT_TRUE(description.ok()) << description.status();
  EXPECT_THAT(*description, HasSubstr("libvirt "));
  EXPECT_THAT(*description, HasSubstr(GetParam().uri));
}

TEST_P(HypervisorContract, ADefinedDomainIsListedAndShutOff) {
  const absl::Status defined = hypervisor_->Define(Guest());
  ASSERT_TRUE(defined.ok()) << defined;
  EXPECT_THAT(*hypervisor_->List(), Contains(id_));
  EXPECT_EQ(*hypervisor_->State(id_), DomainState::kShutOff);
}

TEST_P(HypervisorContract, DefiningAgainReplaces) {
  ASSERT_TRUE(hypervisor_->Define(Guest()).ok());
  VmDefinition changed = Guest();
  changed.vcpus = 1;
  changed.kernel_arguments = "a='<&>'";
  EXPECT_TRUE(hypervisor_->Define(changed).ok());
  EXPECT_TRUE(hypervisor_->Undefine(id_).ok());
  EXPECT_THAT(*hypervisor_->List(), Not(Contains(id_)));
}

TEST_P(HypervisorContract, ARunningDomainCannotBeStartedDefinedOrUndefined) {
  ASSERT_TRUE(hypervisor_->Define(Guest()).ok());
  const absl::Status started = hypervisor_->Start(id_);
  ASSERT_TRUE(started.ok()) << started;
  EXPECT_EQ(*hypervisor_->State(id_), DomainState::kRunning);
  EXPECT_EQ(hypervisor_->Start(id_).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(hypervisor_->Define(Guest()).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(hypervisor_->Undefine(id_).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(*hypervisor_->State(id_), DomainState::kRunning);
}

TEST_P(HypervisorContract, PullingThePlugLeavesADomainThatCanStartAgain) {
  ASSERT_TRUE(hypervisor_->Define(Guest()).ok());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(hypervisor_->Start(id_).ok());
    EXPECT_TRUE(hypervisor_->Destroy(id_).ok());
    EXPECT_EQ(*hypervisor_->State(id_), DomainState::kShutOff);
  }
  EXPECT_EQ(hypervisor_->Destroy(id_).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(HypervisorContract, AnUnknownDomainIsNotFoundByEveryCall) {
  for (const absl::Status& status :
       {hypervisor_->State("nobody").status(), hypervisor_->Start("nobody"),
        hypervisor_->Shutdown("nobody"), hypervisor_->Destroy("nobody"),
        hypervisor_->Undefine("nobody"),
        hypervisor_->AgentCommand("nobody", "{}", absl::Seconds(1)).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
  }
}

TEST_P(HypervisorContract, ABadDefinitionIsInvalidAndLeavesNothingBehind) {
  VmDefinition bad = Guest();
  bad.disk_path = "";
  EXPECT_EQ(hypervisor_->Define(bad).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(*hypervisor_->List(), Not(Contains(id_)));
}

TEST_P(HypervisorContract, TheAgentAnswersOnceTheGuestIsUpOrIsSaidToBeAbsent) {
  ASSERT_TRUE(hypervisor_->Define(Guest()).ok());
  ASSERT_TRUE(hypervisor_->Start(id_).ok());
  const auto ping = [&] {
    return hypervisor_->AgentCommand(id_, R"({"execute":"guest-ping"})", absl::Seconds(2));
  };
  if (!GetParam().boots_a_guest) {
    EXPECT_EQ(ping().status().code(), absl::StatusCode::kUnimplemented);
    return;
  }
  EXPECT_EQ(ping().status().code(), absl::StatusCode::kUnavailable);
  const absl::Time deadline = absl::Now() + absl::Minutes(4);
  while (!ping().ok() && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(500));
  const auto answer = ping();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(*answer, R"({"return":{}})");
  EXPECT_TRUE(hypervisor_->Shutdown(id_).ok());
}

INSTANTIATE_TEST_SUITE_P(Backends, HypervisorContract,
                         ::testing::Values(Backend{"Test", "test:///default", false},
                                           Backend{"Qemu", "qemu:///system", true}),
                         [](const auto& info) { return info.param.name; });

TEST(LibvirtHypervisor, APlaceThatCannotBeReachedIsUnavailableAndSaysWhatToStart) {
  const auto created =
      LibvirtHypervisor::Create("qemu+unix:///system?socket=/nonexistent/libvirt-sock");
  EXPECT_EQ(created.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(created.status().message()), HasSubstr("start libvirtd"));
}

}  // namespace
}  // namespace grayling

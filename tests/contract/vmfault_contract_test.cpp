// The daemon's injector with the real tool and the real libvirt: test:///default always, and a VM
// of qemu:///system when GRAYLING_TEST_DOMAIN names one that runs (each fault lasts a moment).

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/fault/catalogue.h"
#include "daemon/fault/vm_injector.h"
#include "daemon/guest/local_executor.h"
#include "daemon/vm/vm_record.h"
#include "vmfault/effects.h"
#include "vmfault/libvirt_machine.h"

namespace grayling {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string NewFolder() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "grayling-vmfault-XXXXXX").string();
  return mkdtemp(pattern.data());
}

class VmFaults : public testing::Test {
 protected:
  explicit VmFaults(const std::string& uri = "test:///default") : uri_(uri) {}
  ~VmFaults() override {
    // A failed expectation must not leave processes behind.
    const absl::StatusOr<std::vector<std::string>> marks = injector_.Marks(vm_);
    if (marks.ok()) {
      for (const std::string& mark : *marks) injector_.Revert(vm_, mark).IgnoreError();
    }
    std::filesystem::remove_all(folder_);
  }

  FaultOrder Order(const std::string& kind, std::map<std::string, double> parameters = {},
                   absl::Duration duration = absl::Seconds(20)) {
    const absl::StatusOr<FaultValues> values =
        CompleteValues(**FindFaultKind(kind), {std::move(parameters), {}});
    FaultOrder order;
    order.id = absl::StrCat("contract-", getpid(), "-", ++last_);
    order.kind = kind;
    order.vm = vm_;
    order.parameters = values->parameters;
    order.options = values->options;
    order.duration = duration;
    return order;
  }

  nlohmann::json Mark(const FaultOrder& order) {
    std::ifstream file(absl::StrCat(folder_, "/", order.id, ".json"));
    return nlohmann::json::parse(file, nullptr, false);
  }

  bool MarksVanish() {
    const absl::Time until = absl::Now() + absl::Seconds(20);
    while (absl::Now() < until) {
      if (injector_.Marks(vm_)->empty()) return true;
      absl::SleepFor(absl::Milliseconds(20));
    }
    return false;
  }

  const std::string uri_;
  std::string vm_ = "vms/test";
  const std::string folder_ = NewFolder();
  LocalExecutor host_;
  VmInjector injector_{host_, {GRAYLING_VMFAULT, uri_, folder_}};
  int last_ = 0;
};

TEST_F(VmFaults, OneIsAppliedReadBackListedAndReverted) {
  const FaultOrder order = Order("vm.nic_throttle", {{"kib_per_s", 300}});
  const absl::Time before = absl::Now();
  const absl::StatusOr<FaultEffect> effect = injector_.Apply(order);
  ASSERT_TRUE(effect.ok()) << effect.status();
  EXPECT_THAT(effect->readback, HasSubstr("inbound.average 300, outbound.average 300"));
  EXPECT_GE(effect->time, before);
  EXPECT_LE(effect->time, absl::Now());
  EXPECT_THAT(*injector_.Marks(vm_), ElementsAre(order.id));
  const absl::StatusOr<FaultEffect> end = injector_.Revert(vm_, order.id);
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_GE(end->time, effect->time);
  EXPECT_THAT(*injector_.Marks(vm_), IsEmpty());
  EXPECT_EQ(injector_.Revert(vm_, order.id)->time, end->time) << "safe to repeat";
}

TEST_F(VmFaults, OneEndsByItsOwnTimer) {
  ASSERT_TRUE(injector_.Apply(Order("vm.nic_throttle", {}, absl::Milliseconds(300))).ok());
  EXPECT_TRUE(MarksVanish());
}

TEST_F(VmFaults, PulsesOfAPauseEndWithTheFault) {
  const FaultOrder order =
      Order("vm.pause", {{"duty_percent", 50}, {"period_ms", 100}}, absl::Milliseconds(700));
  ASSERT_TRUE(injector_.Apply(order).ok());
  EXPECT_TRUE(MarksVanish());
  EXPECT_EQ(Mark(order).value("note", "missing"), "");
}

TEST_F(VmFaults, OneIsTakenBackWhenItsKeeperIsKilled) {
  const FaultOrder order = Order("vm.nic_throttle");
  ASSERT_TRUE(injector_.Apply(order).ok());
  ASSERT_EQ(kill(Mark(order).at("keeper").at("pid").get<pid_t>(), SIGKILL), 0);
  EXPECT_TRUE(MarksVanish());
  EXPECT_THAT(Mark(order).value("note", ""), HasSubstr("killed"));
}

TEST_F(VmFaults, MarksBelongToTheVmsOwnDomain) {
  ASSERT_TRUE(injector_.Apply(Order("vm.nic_throttle")).ok());
  EXPECT_THAT(*injector_.Marks("vms/another"), IsEmpty());
}

TEST_F(VmFaults, TheUndoThatIsJournalledBeforehandIsACommandThatWorks) {
  const FaultOrder order = Order("vm.nic_throttle");
  ASSERT_TRUE(injector_.Apply(order).ok());
  const absl::StatusOr<ExecResult> undone =
      host_.Run(injector_.UndoCommand(order), absl::Seconds(20));
  ASSERT_TRUE(undone.ok()) << undone.status();
  EXPECT_EQ(undone->exit_code, 0) << undone->out;
  EXPECT_THAT(*injector_.Marks(vm_), IsEmpty());
}

TEST_F(VmFaults, ALimitThatTheHypervisorDoesNotHaveIsRefusedAndLeavesNothing) {
  const absl::StatusOr<FaultEffect> effect = injector_.Apply(Order("vm.cpu_cap"));
  EXPECT_EQ(effect.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(effect.status().message()), HasSubstr("the host refused"));
  EXPECT_THAT(*injector_.Marks(vm_), IsEmpty());
}

TEST_F(VmFaults, AVmThatIsNotThereIsRefused) {
  FaultOrder order = Order("vm.nic_throttle");
  order.vm = "vms/nowhere";
  const absl::StatusOr<FaultEffect> effect = injector_.Apply(order);
  EXPECT_EQ(effect.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(effect.status().message()), HasSubstr("nowhere"));
}

TEST_F(VmFaults, AnUnknownFaultIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(injector_.Revert(vm_, "never-applied").status()));
}

TEST_F(VmFaults, AMissingToolIsNamedAndIsNoUnknownFault) {
  VmInjector without(host_, {"/nowhere/grayling-vmfault", uri_, folder_});
  const absl::Status status = without.Revert(vm_, "x").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("--vmfault"));
}

// All that the faults change, as one text.
std::string Dump(vmfault::Machine& machine) {
  const nlohmann::json dump = {{"cpu", *machine.CpuTuning()},
                               {"disk", *machine.DiskTuning("vda")},
                               {"network", *machine.HumanMonitor("info network")},
                               {"running", *machine.State() == vmfault::RunState::kRunning}};
  return dump.dump();
}

class VmFaultsOnQemu : public VmFaults {
 protected:
  VmFaultsOnQemu() : VmFaults("qemu:///system") {}

  void SetUp() override {
    const char* domain = std::getenv("GRAYLING_TEST_DOMAIN");
    if (domain == nullptr) GTEST_SKIP() << "GRAYLING_TEST_DOMAIN names no running VM";
    vm_ = absl::StrCat("vms/", domain);
    auto machine = vmfault::LibvirtMachine::Open(uri_, domain);
    ASSERT_TRUE(machine.ok()) << machine.error().sentence;
    machine_ = *std::move(machine);
  }

  // Applies, dumps, reverts, and compares the dump at the end with that of the beginning.
  std::string DumpDuring(const FaultOrder& order) {
    const std::string before = Dump(*machine_);
    const absl::StatusOr<FaultEffect> effect = injector_.Apply(order);
    EXPECT_TRUE(effect.ok()) << effect.status();
    const std::string during = Dump(*machine_);
    const absl::StatusOr<FaultEffect> end = injector_.Revert(vm_, order.id);
    EXPECT_TRUE(end.ok()) << end.status();
    EXPECT_EQ(Dump(*machine_), before);
    return during;
  }

  std::unique_ptr<vmfault::Machine> machine_;
};

TEST_F(VmFaultsOnQemu, ACapIsInLibvirtsQuota) {
  EXPECT_THAT(DumpDuring(Order("vm.cpu_cap", {{"percent", 50}})),
              HasSubstr("\"vcpu_quota\":50000"));
}

TEST_F(VmFaultsOnQemu, ADiskThrottleIsInQemusLimits) {
  EXPECT_THAT(DumpDuring(Order("vm.disk_throttle", {{"iops", 77}})),
              HasSubstr("\"total_iops_sec\":77"));
}

TEST_F(VmFaultsOnQemu, AWaitIsAFilterOfQemus) {
  EXPECT_THAT(DumpDuring(Order("vm.nic_delay", {{"hold_ms", 12}})),
              HasSubstr("type=filter-buffer,interval=12000"));
}

TEST_F(VmFaultsOnQemu, APauseStopsTheVm) {
  EXPECT_THAT(DumpDuring(Order("vm.pause", {{"duty_percent", 90}, {"period_ms", 5000}})),
              HasSubstr("\"running\":false"));
}

TEST_F(VmFaultsOnQemu, ALinkThatIsDownIsReadBackFromTheCardItself) {
  const FaultOrder order = Order("vm.link_down");
  const absl::StatusOr<FaultEffect> effect = injector_.Apply(order);
  ASSERT_TRUE(effect.ok()) << effect.status();
  EXPECT_THAT(effect->readback, HasSubstr("link down"));
  EXPECT_TRUE(injector_.Revert(vm_, order.id).ok());
}

class ShapesOnQemu : public VmFaultsOnQemu, public testing::WithParamInterface<std::string> {};

TEST_P(ShapesOnQemu, AnyShareCanFollowAnyOtherAndAllIsRestored) {
  const std::string before = Dump(*machine_);
  const FaultOrder asked = Order(GetParam());
  probe::FaultOrder order;
  order.id = asked.id;
  order.kind = asked.kind;
  order.domain = *VmIdOf(vm_);
  order.ttl_ms = 10'000;
  order.parameters = asked.parameters;
  order.options = asked.options;
  const probe::EffectMaker make = vmfault::MachineEffects(uri_);
  const probe::Result<std::map<std::string, std::string>> earlier = (*make(order))->ReadEarlier();
  ASSERT_TRUE(earlier.ok()) << earlier.error().sentence;
  order.earlier = *earlier;
  probe::Result<std::unique_ptr<probe::Effect>> effect = make(order);
  ASSERT_TRUE(effect.ok());
  const probe::Result<probe::ReadBack> applied = (*effect)->Apply();
  EXPECT_TRUE(applied.ok()) << applied.error().sentence;
  for (const double share : {0.5, 0.0, 0.3, 1.0, 0.0, 1.0}) {
    const probe::Status set = (*effect)->SetShare(share);
    EXPECT_TRUE(set.ok()) << share << ": " << set.error().sentence;
    const probe::Status there = (*effect)->StillThere();
    EXPECT_TRUE(there.ok()) << share << ": " << there.error().sentence;
  }
  const probe::Status reverted = (*effect)->Revert();
  EXPECT_TRUE(reverted.ok()) << reverted.error().sentence;
  EXPECT_EQ(Dump(*machine_), before);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ShapesOnQemu,
                         testing::Values("vm.cpu_cap", "vm.disk_throttle", "vm.link_down",
                                         "vm.nic_delay", "vm.pause"));

}  // namespace
}  // namespace grayling

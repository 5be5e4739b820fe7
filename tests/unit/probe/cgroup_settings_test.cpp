// Limits of a cgroup, on plain files that stand in for the kernel's: they take whatever is written,
// so what a kernel would refuse is tested apart.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "probe/fault/cpu_throttle.h"
#include "probe/fault/disk_throttle.h"
#include "probe/fault/fault_revert.h"
#include "probe/fault/memory_squeeze.h"
#include "probe/kernel/files.h"
#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {
namespace {

constexpr char kMemoryStat[] = "anon 90000000\nfile 0\nshmem 0\ninactive_file 0\n";

class CgroupSettings : public testing::Test {
 protected:
  CgroupSettings() {
    settings_.mark_folder = folder_.path() + "/marks";
    settings_.keeper_cgroup = "";
    folder_.Write("cpu.max", "max 100000\n");
    folder_.Write("io.max", "");
    folder_.Write("memory.high", "max\n");
    folder_.Write("memory.current", "104857600\n");
    folder_.Write("memory.stat", kMemoryStat);
  }
  ~CgroupSettings() override { EXPECT_TRUE(RevertAllFaults(settings_).ok()); }

  FaultOrder Order(const std::string& kind, std::map<std::string, double> parameters) const {
    FaultOrder order;
    order.id = "fault";
    order.kind = kind;
    order.ttl_ms = 60000;
    order.cgroup = folder_.path();
    order.pid = getpid();
    order.parameters = std::move(parameters);
    return order;
  }
  std::string Content(const std::string& file) const {
    return *ReadFile(folder_.path() + "/" + file);
  }
  Result<ApplyReport> Apply(const FaultOrder& order) const { return ApplyFault(settings_, order); }
  // As after a kill -9 of everything that kept the fault.
  void KillKeeperAndGuard() const {
    const Mark mark = **MarkStore(settings_.mark_folder).Read("fault");
    kill(mark.guard.pid, SIGKILL);
    kill(mark.keeper.pid, SIGKILL);
    ASSERT_TRUE(WaitForProcessToEnd(mark.guard.pid) && WaitForProcessToEnd(mark.keeper.pid));
  }

  const TemporaryFolder folder_;
  FaultSettings settings_;
};

TEST_F(CgroupSettings, AThrottleIsAQuotaAndTheEarlierOneComesBackByteForByte) {
  folder_.Write("cpu.max", "150000 100000\n");
  Result<ApplyReport> report = Apply(Order("cpu.throttle", {{"percent", 20}, {"period_ms", 50}}));
  ASSERT_TRUE(report.ok()) << report.error().sentence;
  EXPECT_EQ(Content("cpu.max"), "10000 50000\n");
  EXPECT_EQ(report->read_back.values.at("percent"), 20);
  EXPECT_EQ(report->read_back.values.at("period_ms"), 50);
  ASSERT_EQ(RevertFault(settings_, "fault")->residue, "");
  EXPECT_EQ(Content("cpu.max"), "150000 100000\n");
}

TEST_F(CgroupSettings, AThrottleIsTakenBackByAnotherProcessAfterAKill) {
  ASSERT_TRUE(Apply(Order("cpu.throttle", {{"percent", 20}})).ok());
  KillKeeperAndGuard();
  EXPECT_EQ(Content("cpu.max"), "20000 100000\n");
  EXPECT_EQ(RevertOrphans(settings_), 1);
  EXPECT_EQ(Content("cpu.max"), "max 100000\n");
}

TEST_F(CgroupSettings, AThrottleThatFollowsAShapeBeginsAtItsFirstShare) {
  FaultOrder order = Order("cpu.throttle", {{"percent", 4}});
  order.shape.kind = "ramp";
  order.shape.from = 0.5;
  Result<ApplyReport> report = Apply(order);
  ASSERT_TRUE(report.ok()) << report.error().sentence;
  EXPECT_NEAR(report->read_back.values.at("percent"), 40, 0.01) << "half way from 400, geometric";
}

TEST_F(CgroupSettings, AShareOfZeroIsTheEarlierQuota) {
  FaultOrder order = Order("cpu.throttle", {{"percent", 20}, {"period_ms", 100}});
  order.earlier = {{"cpu.max", "max 100000\n"}};
  CpuThrottle throttle(order);
  ASSERT_TRUE(throttle.SetShare(1).ok());
  EXPECT_EQ(Content("cpu.max"), "20000 100000\n");
  ASSERT_TRUE(throttle.SetShare(0).ok());
  EXPECT_EQ(Content("cpu.max"), "max 100000\n");
}

TEST_F(CgroupSettings, AThrottleNeverGivesMoreThanTheContainerHad) {
  folder_.Write("cpu.max", "50000 100000\n");
  EXPECT_EQ(Apply(Order("cpu.throttle", {{"percent", 60}})).error().sentence,
            "the container's quota is 50 percent of a core already; ask for less");
  FaultOrder order = Order("cpu.throttle", {{"percent", 20}, {"period_ms", 100}});
  order.earlier = {{"cpu.max", "50000 100000\n"}};
  ASSERT_TRUE(CpuThrottle(order).SetShare(0.1).ok());  // 296 percent
  EXPECT_EQ(Content("cpu.max"), "50000 100000\n");
}

TEST_F(CgroupSettings, AQuotaThatTheKernelWouldRefuseIsRefusedWithThePeriodThatWouldDo) {
  EXPECT_EQ(Apply(Order("cpu.throttle", {{"percent", 2}, {"period_ms", 10}})).error().sentence,
            "2 percent of 10 ms is less than the millisecond that the kernel gives at least; ask "
            "for a period_ms of 50 or more");
  EXPECT_EQ(Content("cpu.max"), "max 100000\n");
}

TEST_F(CgroupSettings, AQuotaThatSomebodyElseChangesEndsTheFaultThen) {
  ASSERT_TRUE(Apply(Order("cpu.throttle", {{"percent", 20}})).ok());
  folder_.Write("cpu.max", "70000 100000\n");
  const Mark mark = **MarkStore(settings_.mark_folder).Read("fault");
  ASSERT_TRUE(WaitForProcessToEnd(mark.guard.pid));
  EXPECT_EQ(RevertFault(settings_, "fault")->note, "somebody set cpu.max to '70000 100000'");
}

TEST_F(CgroupSettings, AContainerThatIsGoneLeavesNothingToRestore) {
  FaultOrder order = Order("cpu.throttle", {{"percent", 20}});
  order.cgroup = folder_.path() + "/gone";
  order.earlier = {{"cpu.max", "max 100000\n"}};
  EXPECT_TRUE(CpuThrottle(order).Revert().ok());
  EXPECT_FALSE(Apply(order).ok());
}

TEST_F(CgroupSettings, MemoryHighIsSetBelowWhatIsInUseAndComesBack) {
  FaultOrder order = Order("memory.pressure", {{"percent", 40}});
  order.options = {{"method", "limit"}};
  Result<ApplyReport> report = Apply(order);
  ASSERT_TRUE(report.ok()) << report.error().sentence;
  EXPECT_EQ(Content("memory.high"), "62914560\n");  // 60 of 100 MiB
  EXPECT_NEAR(report->read_back.values.at("percent"), 40, 0.01);
  KillKeeperAndGuard();
  EXPECT_EQ(RevertOrphans(settings_), 1);
  EXPECT_EQ(Content("memory.high"), "max\n");
}

TEST_F(CgroupSettings, MemoryHighFollowsTheShareOfWhatWasInUseAtTheStart) {
  FaultOrder order = Order("memory.pressure", {{"percent", 40}});
  order.earlier = {{"memory.high", "max\n"}, {"working_set", "104857600"}};
  MemorySqueeze squeeze(order);
  folder_.Write("memory.current", "62914560\n");  // it worked
  ASSERT_TRUE(squeeze.SetShare(0.5).ok());
  EXPECT_EQ(Content("memory.high"), "83886080\n");
  ASSERT_TRUE(squeeze.SetShare(0).ok());
  EXPECT_EQ(Content("memory.high"), "max\n");
}

TEST_F(CgroupSettings, MemoryHighThatIsLowAlreadyIsNotRaised) {
  folder_.Write("memory.high", "52428800\n");
  FaultOrder order = Order("memory.pressure", {{"percent", 40}});
  order.options = {{"method", "limit"}};
  EXPECT_EQ(Apply(order).error().sentence,
            "memory.high is 50.0 MiB already, which takes as much away; ask for a larger percent");
  EXPECT_EQ(Content("memory.high"), "52428800\n");
}

class IoSettings : public CgroupSettings {
 protected:
  IoSettings() {
    Result<std::string> disk = DiskOfContainer(getpid());
    if (disk.ok()) disk_ = *disk;
  }
  void SetUp() override {
    if (disk_.empty()) GTEST_SKIP() << "this machine's root is on no disk";
  }
  std::string disk_;
};

TEST_F(IoSettings, OnlyTheAskedOperationIsLimitedAndTheRestOfTheLineStays) {
  folder_.Write("io.max", disk_ + " rbps=max wbps=90000000 riops=77 wiops=max\n");
  FaultOrder order = Order("disk.throttle", {{"kib_per_s", 512}});
  order.options = {{"operation", "write"}};
  Result<ApplyReport> report = Apply(order);
  ASSERT_TRUE(report.ok()) << report.error().sentence;
  EXPECT_EQ(Content("io.max"), disk_ + " rbps=max wbps=524288 riops=77 wiops=max\n");
  EXPECT_EQ(report->read_back.values.at("kib_per_s"), 512);
  KillKeeperAndGuard();
  EXPECT_EQ(RevertOrphans(settings_), 1);
  EXPECT_EQ(Content("io.max"), disk_ + " rbps=max wbps=90000000 riops=77 wiops=max\n");
}

TEST_F(IoSettings, AShareOfZeroIsTheEarlierLine) {
  FaultOrder order = Order("disk.throttle", {{"kib_per_s", 512}});
  order.options = {{"operation", "both"}};
  order.earlier = {{"device", disk_}, {"io.max", ""}, {"io.controller", "enabled"}};
  DiskThrottle throttle(order);
  ASSERT_TRUE(throttle.SetShare(1).ok());
  EXPECT_EQ(Content("io.max"), disk_ + " rbps=524288 wbps=524288 riops=max wiops=max\n");
  ASSERT_TRUE(throttle.SetShare(0).ok());
  EXPECT_EQ(Content("io.max"), disk_ + " rbps=max wbps=max riops=max wiops=max\n");
}

TEST_F(IoSettings, ALimitThatIsThereAlreadyIsNotLoosened) {
  folder_.Write("io.max", disk_ + " rbps=1000 wbps=1000 riops=max wiops=max\n");
  Result<ApplyReport> report = Apply(Order("disk.throttle", {{"kib_per_s", 512}}));
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.error().sentence.find("already; ask for less"), std::string::npos);
  EXPECT_EQ(Content("io.max"), disk_ + " rbps=1000 wbps=1000 riops=max wiops=max\n");
}

TEST_F(IoSettings, AMissingControllerIsEnabledForTheTimeOfTheFault) {
  const std::string container = std::filesystem::path(folder_.path()) / "container";
  ASSERT_EQ(mkdir(container.c_str(), 0755), 0);
  folder_.Write("cgroup.subtree_control", "cpu\n");
  FaultOrder order = Order("disk.throttle", {{"kib_per_s", 512}});
  order.cgroup = container;
  order.earlier = *DiskThrottle(order).ReadEarlier();
  EXPECT_EQ(order.Earlier("io.controller"), "disabled");
  // The kernel would make io.max appear: the stand-in cannot, so that Apply stops there.
  EXPECT_FALSE(DiskThrottle(order).Apply().ok());
  EXPECT_EQ(Content("cgroup.subtree_control"), "+io");
  folder_.Write("io.max", "");  // of the parent: a neighbour's would be beside it
  EXPECT_TRUE(DiskThrottle(order).Revert().ok());
  EXPECT_EQ(Content("cgroup.subtree_control"), "-io");
}

TEST(IoMax, AnotherDevicesLineIsNotOurs) {
  const std::string content =
      "8:0 rbps=5 wbps=max riops=max wiops=max\n254:0 rbps=max wbps=7 riops=max wiops=9\n";
  EXPECT_EQ(IoMaxLine("254:0", ParseIoMax(content, "254:0")),
            "254:0 rbps=max wbps=7 riops=max wiops=9");
  EXPECT_EQ(IoMaxLine("254:16", ParseIoMax(content, "254:16")),
            "254:16 rbps=max wbps=max riops=max wiops=max");
}

}  // namespace
}  // namespace grayling::probe

// Real processes in a real cgroup with the kernel's freezer. Docker is a scripted one.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "probe/fault/cgroup_children.h"
#include "probe/fault/disk_burn.h"
#include "probe/fault/fault_revert.h"
#include "probe/fault/memory_leak.h"
#include "probe/fault/own_processes.h"
#include "probe/fault/process_kill.h"
#include "probe/fault/process_pause.h"
#include "probe/fault/stray_effects.h"
#include "probe/kernel/files.h"
#include "probe/kernel/kernel_text.h"
#include "probe/kernel/pause.h"
#include "tests/unit/probe/real_cgroup.h"

namespace grayling::probe {
namespace {

class ProcessEffects : public RealCgroup {
 protected:
  FaultOrder Pause(double duty_percent, const std::string& method) {
    FaultOrder order;
    order.id = "f" + std::to_string(getpid());
    order.kind = "process.pause";
    order.ttl_ms = 60000;
    order.cgroup = cgroup_;
    order.parameters = {{"duty_percent", duty_percent}, {"period_ms", 100}};
    order.options = {{"method", method}};
    return order;
  }
  bool IsFrozen() const {
    return FlatKeyed(*ReadFile(cgroup_ + "/cgroup.events"), "frozen").value_or(0) == 1;
  }
  static char StateOf(pid_t pid) {
    const std::string stat = *ReadFile("/proc/" + std::to_string(pid) + "/stat");
    return stat[stat.rfind(')') + 2];
  }
  // Part of a second in which the condition held.
  template <typename Condition>
  static double PartOfASecond(Condition condition) {
    int held = 0;
    for (int look = 0; look < 500; ++look) {
      if (condition()) ++held;
      PauseMs(2);
    }
    return held / 500.0;
  }
};

TEST_F(ProcessEffects, TheFreezerStopsForTheAskedPartOfThePeriod) {
  StartService();
  const FaultOrder order = Pause(40, "freezer");
  Result<ApplyReport> report = ApplyFault(settings_, order);
  ASSERT_TRUE(report.ok()) << report.error().sentence;
  EXPECT_EQ(report->read_back.values.at("duty_percent"), 40);
  EXPECT_GE(report->read_back.values.at("standstills"), 1);
  EXPECT_NEAR(PartOfASecond([&] { return IsFrozen(); }), 0.4, 0.15);
  ASSERT_EQ(RevertFault(settings_, order.id)->residue, "");
  EXPECT_FALSE(IsFrozen());
  EXPECT_EQ(*ReadFile(cgroup_ + "/cgroup.freeze"), "0\n");
}

TEST_F(ProcessEffects, AHundredPercentStandsStillTheWholeTime) {
  StartService();
  ASSERT_TRUE(ApplyFault(settings_, Pause(100, "freezer")).ok());
  EXPECT_EQ(PartOfASecond([&] { return IsFrozen(); }), 1);
}

TEST_F(ProcessEffects, SignalsStopTheServiceAndNestedCgroupsButNotOurOwn) {
  const pid_t service = StartService();
  CgroupChildren ours(cgroup_, "another fault");
  ASSERT_TRUE(ours.Start([] { pause(); }).ok());
  const FaultOrder order = Pause(100, "signal");
  ASSERT_TRUE(ApplyFault(settings_, order).ok());
  EXPECT_EQ(StateOf(service), 'T');
  EXPECT_NE(StateOf(ours.pids().at(0)), 'T');
  ASSERT_TRUE(RevertFault(settings_, order.id).ok());
  EXPECT_NE(StateOf(service), 'T');
  EXPECT_TRUE(ours.KillAll().ok());
}

TEST_F(ProcessEffects, AProcessThatStoodStillBeforeIsLeftSo) {
  const pid_t before = StartService("before");
  const pid_t service = StartService();
  kill(before, SIGSTOP);
  while (StateOf(before) != 'T') sched_yield();
  const FaultOrder order = Pause(50, "signal");
  ASSERT_TRUE(ApplyFault(settings_, order).ok());
  ASSERT_TRUE(RevertFault(settings_, order.id).ok());
  EXPECT_EQ(StateOf(before), 'T');
  EXPECT_NE(StateOf(service), 'T');
  kill(before, SIGCONT);
}

TEST_F(ProcessEffects, BothMethodsAreTakenBackByAnotherProcessAfterAKill) {
  const pid_t service = StartService();
  for (const char* method : {"freezer", "signal"}) {
    FaultOrder order = Pause(100, method);
    order.id += method;
    ASSERT_TRUE(ApplyFault(settings_, order).ok());
    KillKeeperAndGuardOf(order.id);
    EXPECT_TRUE(IsFrozen() || StateOf(service) == 'T') << method;
    EXPECT_EQ(RevertOrphans(settings_), 1);
    EXPECT_FALSE(IsFrozen());
    EXPECT_NE(StateOf(service), 'T');
    EXPECT_TRUE(OwnProcesses(CgroupChildren("", order.id).process_name()).empty());
  }
}

TEST_F(ProcessEffects, ADeadPacerEndsTheFaultAndTheServiceGoesOn) {
  StartService();
  const FaultOrder order = Pause(100, "freezer");
  ASSERT_TRUE(ApplyFault(settings_, order).ok());
  const Mark mark = **MarkStore(settings_.mark_folder).Read(order.id);
  for (const pid_t pacer : OwnProcesses(CgroupChildren("", order.id).process_name())) {
    kill(pacer, SIGKILL);
  }
  ASSERT_TRUE(WaitForProcessToEnd(mark.guard.pid));
  EXPECT_FALSE(IsFrozen());
  EXPECT_EQ(RevertFault(settings_, order.id)->note, "the process that paces the standstills died");
}

TEST_F(ProcessEffects, ThePauseFollowsItsShare) {
  StartService();
  ProcessPause fault(Pause(100, "freezer"));
  ASSERT_TRUE(fault.Apply().ok());
  ASSERT_TRUE(fault.SetShare(0).ok());
  PauseMs(300);
  EXPECT_EQ(PartOfASecond([&] { return IsFrozen(); }), 0);
  ASSERT_TRUE(fault.SetShare(0.5).ok());
  PauseMs(100);
  EXPECT_NEAR(PartOfASecond([&] { return IsFrozen(); }), 0.5, 0.15);
  KillOwnProcesses(CgroupChildren("", Pause(1, "").id).process_name()).ok();
  ASSERT_TRUE(WriteOnce(cgroup_ + "/cgroup.freeze", "0").ok());
}

TEST_F(ProcessEffects, AContainerThatIsPausedAlreadyIsRefusedAndStaysPaused) {
  StartService();
  ASSERT_TRUE(WriteOnce(cgroup_ + "/cgroup.freeze", "1").ok());
  EXPECT_EQ(ApplyFault(settings_, Pause(50, "freezer")).error().sentence,
            "the container is paused already; let it go on first (docker unpause)");
  EXPECT_EQ(*ReadFile(cgroup_ + "/cgroup.freeze"), "1\n");
  ASSERT_TRUE(WriteOnce(cgroup_ + "/cgroup.freeze", "0").ok());
}

TEST_F(ProcessEffects, ADiskIsBurntAtTheAskedRateFromInsideTheCgroup) {
  FaultOrder order = Pause(1, "");
  order.kind = "disk.burn";
  order.pid = StartService();
  order.parameters = {{"mib_per_s", 2}};
  order.options = {{"path", folder_.path()}};
  for (const char* operation : {"write", "read"}) {
    order.id = operation;
    order.options["operation"] = operation;
    Result<ApplyReport> report = ApplyFault(settings_, order);
    ASSERT_TRUE(report.ok()) << report.error().sentence;
    EXPECT_EQ(report->read_back.values.at("mib_per_s"), 2);
    EXPECT_NEAR(report->read_back.values.at("mib_per_s_measured"), 2, 1);
    EXPECT_EQ(Members().size(), 2u);
    KillKeeperAndGuardOf(order.id);
    EXPECT_EQ(RevertOrphans(settings_), 1);
    EXPECT_EQ(Members().size(), 1u);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/.grayl-" + operation));
  }
}

TEST_F(ProcessEffects, AStrayProcessIsKilledAndOneWithAKeeperIsNot) {
  CgroupChildren orphan(cgroup_, "orphan");
  ASSERT_TRUE(orphan.Start([] { pause(); }).ok());
  const pid_t service = StartService("grayl-service");  // no name of ours
  const FaultOrder order = Pause(1, "freezer");
  ASSERT_TRUE(ApplyFault(settings_, order).ok());
  RemoveStrays({}, {});
  EXPECT_TRUE(WaitForProcessToEnd(orphan.pids().at(0)));
  EXPECT_EQ(kill(service, 0), 0);
  EXPECT_EQ(OwnProcesses(CgroupChildren("", order.id).process_name()).size(), 1u);
  EXPECT_TRUE(orphan.KillAll().ok());
}

// The stand-in has the kernel's files but not its bookkeeping: what grows is this machine's memory.
TEST(MemoryLeak, GrowsAtItsRateUntilItsShareIsZero) {
  const TemporaryFolder cgroup;
  cgroup.Write("cgroup.procs", "");
  cgroup.Write("memory.max", "104857600\n");
  cgroup.Write("memory.current", "1048576\n");
  cgroup.Write("memory.stat", "anon 1\nfile 0\nshmem 0\ninactive_file 0\n");
  FaultOrder order;
  order.id = "leak";
  order.kind = "memory.leak";
  order.cgroup = cgroup.path();
  order.parameters = {{"mib_per_s", 4}, {"until_percent", 95}};
  MemoryLeak leak(order);
  Result<ReadBack> read_back = leak.Apply();
  ASSERT_TRUE(read_back.ok()) << read_back.error().sentence;
  EXPECT_EQ(read_back->values.at("mib_per_s"), 4);
  EXPECT_GT(read_back->values.at("mib_grown"), 0);
  const auto pages = [&] {
    const std::string pid = *ReadFile(cgroup.path() + "/cgroup.procs");
    long long resident = 0;
    std::sscanf(ReadFile("/proc/" + pid + "/statm")->c_str(), "%*s %lld", &resident);
    return resident;
  };
  const long long before = pages();
  PauseMs(1000);
  const double grown_mib = static_cast<double>(pages() - before) * 4096 / (1 << 20);
  EXPECT_NEAR(grown_mib, 4, 2);
  ASSERT_TRUE(leak.SetShare(0).ok());
  PauseMs(100);
  const long long stopped = pages();
  PauseMs(300);
  EXPECT_EQ(pages(), stopped);
  EXPECT_TRUE(leak.Revert().ok());
}

}  // namespace
}  // namespace grayling::probe

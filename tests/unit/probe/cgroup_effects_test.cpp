#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>

#include <cstdio>

#include "probe/fault/cgroup_children.h"
#include "probe/fault/cpu_load.h"
#include "probe/fault/fault_revert.h"
#include "probe/fault/memory_pressure.h"
#include "probe/kernel/files.h"
#include "probe/kernel/pause.h"
#include "tests/unit/probe/real_cgroup.h"
#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {
namespace {

class CgroupEffects : public RealCgroup {
 protected:
  FaultOrder Load(double percent) const {
    FaultOrder order;
    order.id = "load";
    order.kind = "cpu.load";
    order.ttl_ms = 60000;
    order.cgroup = cgroup_;
    order.parameters = {{"percent", percent}};
    return order;
  }
};

TEST_F(CgroupEffects, CpuLoadRunsInsideAndIsGoneAfterwards) {
  Result<ApplyReport> report = ApplyFault(settings_, Load(40));
  ASSERT_TRUE(report.ok()) << report.error().sentence;
  EXPECT_EQ(report->read_back.values.at("percent"), 40);
  const double measured = report->read_back.values.at("percent_measured");
  EXPECT_GE(measured, 20);
  EXPECT_LE(measured, 80);
  char text[96];
  std::snprintf(text, sizeof text, "cpu load 40 percent of a core asked, %.0f measured", measured);
  EXPECT_EQ(report->read_back.text, text);
  EXPECT_EQ(Members().size(), 1u);
  Result<RevertReport> reverted = RevertFault(settings_, "load");
  ASSERT_TRUE(reverted.ok()) << reverted.error().sentence;
  EXPECT_EQ(reverted->residue, "");
  EXPECT_TRUE(Members().empty());
}

TEST_F(CgroupEffects, MoreThanOneCoreIsBurntBySeveralProcesses) {
  Result<ApplyReport> report = ApplyFault(settings_, Load(110));
  if (!report.ok() && report.error().sentence.find("has no CPU left") != std::string::npos) {
    GTEST_SKIP() << "this machine is too busy: " << report.error().sentence;
  }
  ASSERT_TRUE(report.ok()) << report.error().sentence;
  EXPECT_EQ(report->read_back.values.at("processes"), 2);
  EXPECT_EQ(Members().size(), 2u);
  ASSERT_TRUE(RevertFault(settings_, "load").ok());
  EXPECT_TRUE(Members().empty());
}

// Every process that is started meanwhile has to share one CPU.
class OnOneCpu {
 public:
  OnOneCpu() {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
      if (CPU_ISSET(cpu, &before_)) CPU_SET(cpu, &one);
    }
    sched_setaffinity(0, sizeof one, &one);
  }
  ~OnOneCpu() { sched_setaffinity(0, sizeof before_, &before_); }

 private:
  cpu_set_t before_;
};

TEST_F(CgroupEffects, ALoadForWhichThereIsNoCpuIsRefusedWithWhatWasMeasured) {
  const OnOneCpu narrow;
  Result<ApplyReport> report = ApplyFault(settings_, Load(300));
  ASSERT_FALSE(report.ok()) << report->read_back.text;
  double measured = 0;
  ASSERT_EQ(std::sscanf(report.error().sentence.c_str(),
                        "the guest has no CPU left for this load: 300 percent of a core asked, %lf "
                        "measured; ask for less",
                        &measured),
            1)
      << report.error().sentence;
  EXPECT_GT(measured, 0);
  EXPECT_LE(measured, 110);  // of one CPU, and of the clocks' grain
  EXPECT_TRUE(Members().empty());
  EXPECT_TRUE(MarkStore(settings_.mark_folder).List()->marks.empty());
}

TEST(CpuLoad, HalfOfWhatWasAskedIsEnough) {
  EXPECT_TRUE(IsEnoughLoad(150, 143));
  EXPECT_TRUE(IsEnoughLoad(150, 75));
  EXPECT_FALSE(IsEnoughLoad(150, 74));
}

TEST_F(CgroupEffects, ALoadFollowsItsShareInBothDirections) {
  CpuLoad load(Load(40));
  ASSERT_TRUE(load.Apply().ok());
  const auto used_ns = [&] {
    clockid_t clock{};
    timespec used{};
    EXPECT_EQ(clock_getcpuclockid(Members().at(0), &clock), 0);
    clock_gettime(clock, &used);
    return std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
  };
  ASSERT_TRUE(load.SetShare(0).ok());
  PauseMs(50);
  std::int64_t before = used_ns();
  PauseMs(300);
  EXPECT_LT(used_ns() - before, 15'000'000) << "5 percent is the burner's own housekeeping";
  ASSERT_TRUE(load.SetShare(1).ok());
  before = used_ns();
  PauseMs(600);
  EXPECT_GT(used_ns() - before, 60'000'000) << "40 percent on a quiet machine";
  EXPECT_TRUE(load.Revert().ok());
}

TEST_F(CgroupEffects, ALoadMayBeginWithNothing) {
  FaultOrder order = Load(40);
  order.shape.kind = "ramp";
  Result<ApplyReport> report = ApplyFault(settings_, order);
  ASSERT_TRUE(report.ok()) << report.error().sentence;
  EXPECT_EQ(report->read_back.values.at("percent"), 0);
  EXPECT_EQ(Members().size(), 1u);
  EXPECT_TRUE(RevertFault(settings_, "load").ok());
}

TEST_F(CgroupEffects, LoadDiesWithAKilledKeeper) {
  ASSERT_TRUE(ApplyFault(settings_, Load(20)).ok());
  const Mark mark = **MarkStore(settings_.mark_folder).Read("load");
  const pid_t burner = Members().at(0);
  kill(mark.guard.pid, SIGKILL);
  kill(mark.keeper.pid, SIGKILL);
  EXPECT_TRUE(WaitForProcessToEnd(burner));
  EXPECT_TRUE(WaitForProcessToEnd(mark.guard.pid));
  EXPECT_TRUE(RevertFault(settings_, "load").ok());
}

TEST_F(CgroupEffects, ALoadThatIsKilledEndsTheFaultThen) {
  ASSERT_TRUE(ApplyFault(settings_, Load(20)).ok());
  const pid_t burner = Members().at(0);
  kill(burner, SIGKILL);
  ASSERT_TRUE(WaitForProcessToEnd((**MarkStore(settings_.mark_folder).Read("load")).guard.pid));
  EXPECT_EQ(RevertFault(settings_, "load")->note, "1 of 1 load processes died or left " + cgroup_);
}

TEST_F(CgroupEffects, ChildrenAreFoundByNameByAProcessThatDidNotStartThem) {
  CgroupChildren started(cgroup_, "load");
  ASSERT_TRUE(started.Start([] { pause(); }).ok());
  EXPECT_TRUE(CgroupChildren(cgroup_, "another fault").KillAll().ok());
  EXPECT_TRUE(started.AllAlive().ok());
  const pid_t child = started.pids().at(0);
  EXPECT_EQ(*ReadFile("/proc/" + std::to_string(child) + "/oom_score_adj"), "1000\n");
  EXPECT_TRUE(started.KillAll().ok());
  EXPECT_FALSE(started.AllAlive().ok());
}

TEST(GoneCgroup, ACgroupThatIsGoneHoldsNothing) {
  EXPECT_TRUE(CgroupChildren("/sys/fs/cgroup/no-such-container", "f").KillAll().ok());
}

TEST(GoneCgroup, AMissingCgroupIsASentenceAndLeavesNothing) {
  const TemporaryFolder folder;
  FaultSettings settings;
  settings.mark_folder = folder.path();
  settings.keeper_cgroup = "";
  FaultOrder order;
  order.id = "f";
  order.kind = "cpu.load";
  order.ttl_ms = 1000;
  order.cgroup = "/sys/fs/cgroup/no-such-container";
  order.parameters = {{"percent", 50}};
  Result<ApplyReport> report = ApplyFault(settings, order);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().sentence.rfind("cannot enter the container's cgroup: ", 0), 0u);
  EXPECT_TRUE(MarkStore(folder.path()).List()->marks.empty());
}

class MemoryRefusal : public testing::Test {
 protected:
  std::string Apply(double percent) {
    FaultOrder order;
    order.id = "f";
    order.kind = "memory.pressure";
    order.cgroup = folder_.path();
    order.parameters = {{"percent", percent}};
    Result<ReadBack> read_back = MemoryPressure(order).Apply();
    return read_back.ok() ? "" : read_back.error().sentence;
  }
  const TemporaryFolder folder_;
};

TEST_F(MemoryRefusal, AContainerWithoutALimitCannotBePressed) {
  folder_.Write("memory.max", "max\n");
  EXPECT_EQ(Apply(90),
            "the container has no memory limit; start it with one (docker run --memory) before "
            "memory.pressure is applied");
}

TEST_F(MemoryRefusal, AContainerThatWouldBeKilledAsAWholeIsSpared) {
  folder_.Write("memory.max", "100000000\n");
  folder_.Write("memory.oom.group", "1\n");
  EXPECT_NE(Apply(90).find("memory.oom.group"), std::string::npos);
}

TEST_F(MemoryRefusal, AContainerThatUsesAsMuchAlreadyIsToldSo) {
  folder_.Write("memory.max", "104857600\n");
  folder_.Write("memory.current", "94371840\n");
  folder_.Write("memory.stat", "anon 1\ninactive_file 0\n");
  EXPECT_EQ(Apply(90), "the container already uses 90.0 of 100.0 MiB; ask for a larger percent");
}

TEST_F(MemoryRefusal, WhatWouldComeTooNearToTheLimitIsRefusedWithTheMostThatIsAllowed) {
  folder_.Write("memory.max", "67108864\n");
  EXPECT_EQ(Apply(99),
            "ask for at most 96.8 percent: the container has a limit of 64.0 MiB, and 2.0 MiB stay "
            "free so that nothing is killed");
}

TEST_F(MemoryRefusal, ALimitThatLeavesNoRoomAtAllIsToldSo) {
  for (const char* limit : {"0\n", "2097152\n"}) {
    folder_.Write("memory.max", limit);
    EXPECT_NE(Apply(10).find("too small for a memory fault, which leaves 2.0 MiB free; raise the "
                             "limit"),
              std::string::npos);
  }
}

TEST(MemoryPressure, TheGoalIsExactlyWhatWasAskedOrNone) {
  EXPECT_EQ(*MemoryGoal(100 << 20, 90), 90 << 20);
  EXPECT_EQ(*MemoryGoal(100 << 20, 98), 98 << 20);
  EXPECT_FALSE(MemoryGoal(100 << 20, 98.1).ok());
}

TEST(MemoryPressure, TheLargestPercentThatARefusalNamesIsAccepted) {
  for (std::int64_t limit = 3 << 20; limit < 2LL << 30; limit = limit * 11 / 7 + 4096) {
    Result<std::int64_t> refused = MemoryGoal(limit, 100);
    ASSERT_FALSE(refused.ok());
    double largest = 0;
    ASSERT_EQ(
        std::sscanf(refused.error().sentence.c_str(), "ask for at most %lf percent", &largest), 1);
    EXPECT_TRUE(MemoryGoal(limit, largest).ok()) << limit;
    EXPECT_FALSE(MemoryGoal(limit, largest + 0.1).ok()) << limit;
  }
}

TEST(MemoryPressure, FilePagesAreCountedByWhetherTheyCanBeDropped) {
  const MemoryUse use = ParseMemoryUse(1000,
                                       "anon 500\nfile 300\nshmem 100\nactive_file 50\n"
                                       "inactive_file 150\nslab_reclaimable 20\n");
  EXPECT_EQ(use.current, 1000);
  EXPECT_EQ(use.working_set, 850);
  EXPECT_EQ(use.unreclaimable, 780);
}

}  // namespace
}  // namespace grayling::probe

#include "probe/exporter/container_watch.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>

#include "probe/fault/cgroup_children.h"
#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {
namespace {

// A folder with the files of a container's cgroup; our own process stands in for its first one.
class FixtureCgroup : public testing::Test {
 protected:
  FixtureCgroup() {
    folder_.Write("cgroup.threads", std::to_string(getpid()) + "\n");
    folder_.Write("cpu.stat",
                  "usage_usec 2500000\nuser_usec 1\nsystem_usec 2\nnr_periods 3\nnr_throttled 4\n"
                  "throttled_usec 750000\n");
    folder_.Write("cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\n");
    folder_.Write("memory.pressure",
                  "some avg10=0.00 avg60=0.00 avg300=0.00 total=200000\n"
                  "full avg10=0.00 avg60=0.00 avg300=0.00 total=100000\n");
    folder_.Write("memory.current", "7340032\n");
    folder_.Write("memory.stat",
                  "anon 4194304\nfile 1048576\npgmajfault 11\nworkingset_refault_anon 1\n"
                  "workingset_refault_file 20\n");
    folder_.Write("memory.events", "low 0\nhigh 3\nmax 0\noom 0\noom_kill 0\n");
    folder_.Write("io.stat", "254:0 rbytes=4096 wbytes=512 rios=2 wios=1 dbytes=0 dios=0\n");
    container_.name = "vets-service";
    container_.pid = getpid();
    container_.cgroup = folder_.path();
    container_.veth = "veth1";
    container_.ip = "172.30.0.2";
  }

  const TemporaryFolder folder_;
  Container container_;
  std::string buffer_;
  const std::string net_dev_ = "veth1: 100 10 0 0 0 0 0 0 200 20 0 0 0 0 0 0\n";
};

TEST_F(FixtureCgroup, EveryFileBecomesItsMetric) {
  Result<std::unique_ptr<ContainerWatch>> watch = ContainerWatch::Open(container_);
  ASSERT_TRUE(watch.ok()) << watch.error().sentence;
  EXPECT_EQ((*watch)->label(), "container_name=\"vets-service\"");
  Result<ContainerSample> sample = (*watch)->Sample(net_dev_, buffer_);
  ASSERT_TRUE(sample.ok());
  EXPECT_DOUBLE_EQ(sample->cpu_usage_s, 2.5);
  EXPECT_DOUBLE_EQ(sample->cpu_throttled_s, 0.75);
  EXPECT_DOUBLE_EQ(sample->cpu_pressure_s, 1.5);
  EXPECT_DOUBLE_EQ(sample->memory_pressure_some_s, 0.2);
  EXPECT_DOUBLE_EQ(sample->memory_pressure_full_s, 0.1);
  EXPECT_EQ(sample->memory_usage_bytes, 7340032);
  EXPECT_EQ(sample->memory_anon_bytes, 4194304);
  EXPECT_EQ(sample->memory_file_bytes, 1048576);
  EXPECT_EQ(sample->memory_refaults, 21);
  EXPECT_EQ(sample->memory_major_faults, 11);
  EXPECT_EQ(sample->memory_high_events, 3);
  EXPECT_EQ(sample->io_read_bytes, 4096);
  EXPECT_EQ(sample->io_write_bytes, 512);
  EXPECT_EQ(sample->io_reads, 2);
  EXPECT_EQ(sample->tasks, 1);
}

TEST_F(FixtureCgroup, AFileThatThisKernelLacksLeavesItsMetricOut) {
  Result<std::unique_ptr<ContainerWatch>> watch = ContainerWatch::Open(container_);
  ASSERT_TRUE(watch.ok());
  EXPECT_TRUE(std::isnan((*watch)->Sample(net_dev_, buffer_)->io_pressure_some_s));
}

TEST_F(FixtureCgroup, TheLinkIsSeenFromTheContainersSide) {
  Result<std::unique_ptr<ContainerWatch>> watch = ContainerWatch::Open(container_);
  ASSERT_TRUE(watch.ok());
  Result<ContainerSample> sample = (*watch)->Sample(net_dev_, buffer_);
  EXPECT_EQ(sample->receive_bytes, 200);
  EXPECT_EQ(sample->receive_packets, 20);
  EXPECT_EQ(sample->transmit_bytes, 100);
  EXPECT_EQ(sample->transmit_packets, 10);
}

TEST_F(FixtureCgroup, ValuesAreReadAfreshEachTime) {
  Result<std::unique_ptr<ContainerWatch>> watch = ContainerWatch::Open(container_);
  ASSERT_TRUE(watch.ok());
  ASSERT_TRUE((*watch)->Sample(net_dev_, buffer_).ok());
  folder_.Write("memory.current", "99\n");
  EXPECT_EQ((*watch)->Sample(net_dev_, buffer_)->memory_usage_bytes, 99);
}

TEST_F(FixtureCgroup, AContainerWithoutThreadsHasLeft) {
  Result<std::unique_ptr<ContainerWatch>> watch = ContainerWatch::Open(container_);
  ASSERT_TRUE(watch.ok());
  folder_.Write("cgroup.threads", "");
  EXPECT_FALSE((*watch)->Sample(net_dev_, buffer_).ok());
  container_.cgroup += "/gone";
  EXPECT_FALSE(ContainerWatch::Open(container_).ok());
}

TEST(TaskDelays, OurOwnLoadIsNotCountedAmongTheTasks) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t burner = fork();
  if (burner == 0) {
    prctl(PR_SET_NAME, (std::string(kChildNamePrefix) + "1234").c_str());
    if (write(ends[1], "r", 1) == 1) pause();
    _exit(0);
  }
  char ready = 0;
  ASSERT_EQ(read(ends[0], &ready, 1), 1);
  TaskDelays delays;
  std::string buffer;
  delays.Update(std::to_string(getpid()) + "\n" + std::to_string(burner) + "\n", buffer);
  EXPECT_EQ(delays.tasks(), 1);
  kill(burner, SIGKILL);
  waitpid(burner, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
}

TEST(TaskDelays, WhatAnEndedThreadWaitedStaysInTheSum) {
  TaskDelays delays;
  std::string buffer;
  delays.Update(std::to_string(getpid()) + "\n", buffer);
  const double before = delays.delay_seconds();
  delays.Update("", buffer);
  EXPECT_EQ(delays.tasks(), 0);
  EXPECT_EQ(delays.delay_seconds(), before);
}

}  // namespace
}  // namespace grayling::probe

#include "daemon/calibration/observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/calibration/guest_observer.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ObserverReading Calm() {
  ObserverReading reading;
  reading.cpu_busy_ticks = 1000;
  reading.cpu_all_ticks = 2000;
  reading.memory_available_share = 0.5;
  reading.services["visits"] = {"healthy", 50 << 20, 100 << 20};
  return reading;
}

ObserverReading Later(double busy) {
  ObserverReading reading = Calm();
  reading.cpu_busy_ticks += 100 * busy;
  reading.cpu_all_ticks += 100;
  return reading;
}

TEST(Observer, SlowClientsAloneAreNothingToIt) {
  EXPECT_THAT(AlarmsBetween(Calm(), Later(0.9)), IsEmpty());
}

TEST(Observer, CpuAndMemoryOfTheVmRaiseAlarms) {
  EXPECT_THAT(AlarmsBetween(Calm(), Later(0.95)),
              ElementsAre("the VM's CPUs are busy for 95 % of the time"));
  ObserverReading full = Later(0.1);
  full.memory_available_share = 0.05;
  EXPECT_THAT(AlarmsBetween(Calm(), full), ElementsAre("5 % of the VM's memory is available"));
}

TEST(Observer, AServiceThatIsGoneUnhealthyOrFullRaisesAnAlarm) {
  ObserverReading after = Later(0.1);
  after.services["visits"].health = "unhealthy";
  EXPECT_THAT(AlarmsBetween(Calm(), after), ElementsAre("the container of visits is unhealthy"));
  after.services["visits"] = {"healthy", 95 << 20, 100 << 20};
  EXPECT_THAT(AlarmsBetween(Calm(), after), ElementsAre("visits uses 95 % of its memory limit"));
  EXPECT_THAT(AlarmsBetween(after, after), IsEmpty()) << "it did so before the fault";
  after.services.clear();
  EXPECT_THAT(AlarmsBetween(Calm(), after), ElementsAre("visits does not run any more"));
}

TEST(Observer, ASilentHealthEndpointIsAnAlarm) {
  ObserverReading after = Later(0.1);
  after.silent_endpoints = {"http://127.0.0.1:1/health does not answer within 5 s"};
  EXPECT_EQ(AlarmsBetween(Calm(), after), after.silent_endpoints);
}

TEST(Observer, ProcStatCountsEverythingButIdleAndWaitAsBusy) {
  ObserverReading reading;
  ReadProcStat("cpu  100 20 30 800 50 0 5 7 99 0\ncpu0 1 2 3 4\n", reading);
  EXPECT_EQ(reading.cpu_busy_ticks, 100 + 20 + 30 + 5 + 7);
  EXPECT_EQ(reading.cpu_all_ticks, 100 + 20 + 30 + 800 + 50 + 5 + 7);
}

TEST(Observer, MeminfoGivesTheAvailableShare) {
  ObserverReading reading;
  ReadMeminfo("MemTotal:        2000 kB\nMemFree: 10 kB\nMemAvailable:    500 kB\n", reading);
  EXPECT_DOUBLE_EQ(reading.memory_available_share, 0.25);
}

}  // namespace
}  // namespace grayling

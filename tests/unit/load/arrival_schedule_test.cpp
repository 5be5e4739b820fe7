#include "daemon/load/arrival_schedule.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

namespace grayling {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SteadyTime kStart{seconds(1000)};

LoadSettings OpenSettings(double rate) {
  LoadSettings settings;
  settings.model = LoadModel::kOpen;
  settings.rate = rate;
  settings.arrivals = ArrivalKind::kConstant;
  settings.ramp_up = absl::ZeroDuration();
  settings.most_in_flight = 2;
  settings.request_timeout = absl::Seconds(1);
  return settings;
}

// Every arrival of the first `length`, each ended at once.
std::vector<double> InstantsOf(ArrivalSchedule& schedule, seconds length) {
  std::vector<double> instants;
  while (schedule.NextDue() <= kStart + length) {
    const SteadyTime now = schedule.NextDue();
    const std::optional<Arrival> arrival = schedule.Take(now);
    if (!arrival.has_value()) continue;
    instants.push_back(std::chrono::duration<double>(arrival->intended - kStart).count());
    schedule.Ended(arrival->user, now);
  }
  return instants;
}

TEST(OpenScheduleTest, ConstantArrivalsAreEvenlySpaced) {
  OpenSchedule schedule(OpenSettings(50), kStart);
  const std::vector<double> instants = InstantsOf(schedule, seconds(2));
  ASSERT_EQ(instants.size(), 100u);
  for (size_t i = 0; i < instants.size(); ++i) EXPECT_NEAR(instants[i], 0.02 * (i + 1.0), 1e-6);
}

TEST(OpenScheduleTest, PoissonGapsHaveTheMeanAndTheDeviationOfAnExponential) {
  LoadSettings settings = OpenSettings(100);
  settings.arrivals = ArrivalKind::kPoisson;
  OpenSchedule schedule(settings, kStart);
  const std::vector<double> instants = InstantsOf(schedule, seconds(200));
  std::vector<double> gaps;
  for (size_t i = 1; i < instants.size(); ++i) gaps.push_back(instants[i] - instants[i - 1]);
  double mean = 0;
  for (const double gap : gaps) mean += gap / static_cast<double>(gaps.size());
  double variance = 0;
  for (const double gap : gaps) {
    variance += (gap - mean) * (gap - mean) / static_cast<double>(gaps.size());
  }
  EXPECT_NEAR(mean, 0.01, 0.0005);
  EXPECT_NEAR(std::sqrt(variance), 0.01, 0.0005);
}

TEST(OpenScheduleTest, EqualSeedsGiveEqualInstantsWhateverTheAnswersDo) {
  LoadSettings settings = OpenSettings(100);
  settings.arrivals = ArrivalKind::kPoisson;
  settings.most_in_flight = 2000;
  OpenSchedule answered(settings, kStart);
  OpenSchedule silent(settings, kStart);
  const std::vector<double> instants = InstantsOf(answered, seconds(3));
  for (const double instant : instants) {
    const std::optional<Arrival> arrival = silent.Take(silent.NextDue());
    ASSERT_TRUE(arrival.has_value());
    EXPECT_EQ(std::chrono::duration<double>(arrival->intended - kStart).count(), instant);
  }
}

TEST(OpenScheduleTest, TheRateGrowsEvenlyOverTheRampUp) {
  LoadSettings settings = OpenSettings(100);
  settings.ramp_up = absl::Seconds(10);
  OpenSchedule schedule(settings, kStart);
  const std::vector<double> instants = InstantsOf(schedule, seconds(20));
  const auto up_to = [&](double time) {
    return std::count_if(instants.begin(), instants.end(),
                         [time](double instant) { return instant <= time; });
  };
  EXPECT_NEAR(up_to(5), 125, 1);    // r t^2 / 2T
  EXPECT_NEAR(up_to(10), 500, 1);   // rT/2
  EXPECT_NEAR(up_to(20), 1500, 1);  // r (t - T/2)
}

TEST(OpenScheduleTest, ARequestWithoutAFreeUserWaitsAndKeepsItsIntendedStart) {
  OpenSchedule schedule(OpenSettings(10), kStart);
  ASSERT_TRUE(schedule.Take(kStart + milliseconds(100)).has_value());
  const std::optional<Arrival> second = schedule.Take(kStart + milliseconds(200));
  ASSERT_TRUE(second.has_value());
  EXPECT_FALSE(schedule.Take(kStart + milliseconds(300)).has_value());
  EXPECT_EQ(schedule.offered(), 3u);
  EXPECT_EQ(schedule.late(), 1u);
  schedule.Ended(second->user, kStart + milliseconds(350));
  const std::optional<Arrival> third = schedule.Take(kStart + milliseconds(350));
  ASSERT_TRUE(third.has_value());
  EXPECT_EQ(third->intended, kStart + milliseconds(300));
  EXPECT_FALSE(third->given_up);
}

TEST(OpenScheduleTest, ARequestThatWaitedForTheWholeTimeOutIsGivenUp) {
  LoadSettings settings = OpenSettings(10);
  settings.most_in_flight = 1;
  OpenSchedule schedule(settings, kStart);
  ASSERT_TRUE(schedule.Take(kStart + milliseconds(100)).has_value());
  const std::optional<Arrival> given_up = schedule.Take(kStart + milliseconds(1250));
  ASSERT_TRUE(given_up.has_value());
  EXPECT_TRUE(given_up->given_up);
  EXPECT_EQ(given_up->intended, kStart + milliseconds(200));
}

TEST(ClosedLoopScheduleTest, UsersEnterEvenlyAndThinkBetweenTheirRequests) {
  LoadSettings settings;
  settings.users = 4;
  settings.ramp_up = absl::Seconds(8);
  ClosedLoopSchedule schedule(settings, kStart, [](size_t) { return absl::Milliseconds(500); });
  for (int user = 0; user < 4; ++user) {
    EXPECT_EQ(schedule.NextDue(), kStart + seconds(2 * user) + milliseconds(500));
    const std::optional<Arrival> arrival = schedule.Take(schedule.NextDue());
    ASSERT_TRUE(arrival.has_value());
    EXPECT_EQ(arrival->user, static_cast<size_t>(user));
  }
  EXPECT_EQ(schedule.NextDue(), SteadyTime::max());
  schedule.Ended(2, kStart + seconds(20));
  EXPECT_EQ(schedule.NextDue(), kStart + seconds(20) + milliseconds(500));
}

}  // namespace
}  // namespace grayling

#include "daemon/campaign/traffic_estimate.h"

#include "daemon/load/think_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <random>

namespace grayling {
namespace {

using ::testing::HasSubstr;

LoadSettings Users(uint32_t users, absl::Duration think, absl::Duration deviation,
                   absl::Duration ramp_up) {
  LoadSettings settings;
  settings.users = users;
  settings.think_time_mean = think;
  settings.think_time_deviation = deviation;
  settings.ramp_up = ramp_up;
  return settings;
}

CampaignPlan PlanUnder(const std::vector<LoadSettings>& loads) {
  CampaignPlan plan;
  plan.load = loads.front();
  for (const LoadSettings& settings : loads) plan.loads.push_back({"l", settings});
  return plan;
}

TEST(TrafficEstimate, WhatTheBuiltInGeneratorMeasuredSaysNothingOfAJMeterPlan) {
  CampaignPlan plan = PlanUnder({Users(10, absl::Milliseconds(300), {}, {})});
  plan.load.jmeter_plan = "/shop.jmx";
  Timeline timeline;
  timeline.duration = absl::Minutes(1);
  LoadStatistics last;
  last.answers = 1000;
  last.mean_ms = 900;
  LoadSettings last_settings = plan.load;
  last_settings.jmeter_plan.clear();
  EXPECT_THAT(EstimateTraffic(plan, timeline, last, last_settings).basis(),
              HasSubstr("not for the JMeter plan /shop.jmx"));
  EXPECT_THAT(EstimateTraffic(plan, timeline, last, plan.load).basis(),
              HasSubstr("the last load, 1000 answers"));
}

TEST(TrafficEstimate, TheThinkTimeIsTheMeanOfWhatUsersDraw) {
  EXPECT_EQ(MeanThinkTime(Users(1, absl::Milliseconds(300), absl::ZeroDuration(), {})),
            absl::Milliseconds(300));
  // Cut at 0, a Gaussian of mean 0 has the mean s/sqrt(2 pi).
  EXPECT_NEAR(
      absl::ToDoubleSeconds(MeanThinkTime(Users(1, absl::ZeroDuration(), absl::Seconds(1), {}))),
      0.39894, 1e-4);
  std::mt19937_64 random(3);
  std::normal_distribution<double> think(0.1, 0.2);
  double sum = 0;
  for (int i = 0; i < 200000; ++i) sum += std::max(0.0, think(random));
  EXPECT_NEAR(absl::ToDoubleSeconds(
                  MeanThinkTime(Users(1, absl::Milliseconds(100), absl::Milliseconds(200), {}))),
              sum / 200000, 1e-3);
}

TEST(TrafficEstimate, TheRateIsThatOfTheLab) {
  // A recording of the lab: 12 users, 300 +- 100 ms, answers in 12.5 ms gave 38.34 requests/s.
  EXPECT_NEAR(
      ClosedLoopRate(Users(12, absl::Milliseconds(300), absl::Milliseconds(100), absl::Seconds(5)),
                     absl::Milliseconds(12.5)),
      38.34, 0.1);
}

TEST(TrafficEstimate, AnOpenLoopHasItsOwnRateUntilTooManyAreInFlight) {
  LoadSettings settings;
  settings.model = LoadModel::kOpen;
  settings.rate = 200;
  settings.most_in_flight = 50;
  EXPECT_EQ(RateOf(settings, absl::Milliseconds(20)), 200);
  EXPECT_EQ(RateOf(settings, absl::Seconds(1)), 50);
  EXPECT_EQ(ClientsOf(settings), "200 requests/s");
}

TEST(TrafficEstimate, WithoutAnyWaitTheRateIsFinite) {
  EXPECT_LE(ClosedLoopRate(Users(10, absl::ZeroDuration(), absl::ZeroDuration(), {}),
                           absl::ZeroDuration()),
            1e6);
}

TEST(TrafficEstimate, WhatTheLastLoadMeasuredComesBeforeTheTable) {
  const CampaignPlan plan =
      PlanUnder({Users(10, absl::Milliseconds(80), absl::ZeroDuration(), absl::Seconds(20))});
  Timeline timeline;
  timeline.duration = absl::Seconds(110);
  timeline.load_changes = {{absl::ZeroDuration(), 0}};
  LoadStatistics last;
  last.answers = 1000;
  last.mean_ms = 20;
  last.response_bytes = 500'000;
  const v1::TrafficEstimate estimate = EstimateTraffic(plan, timeline, last, plan.load);
  EXPECT_NEAR(estimate.requests_per_second(), 100, 1e-9);
  // 20 s of ramp-up count half.
  EXPECT_EQ(estimate.requests(), 10'000);
  EXPECT_EQ(estimate.response_bytes(), 5e6);
  EXPECT_EQ(estimate.response_ms(), 20);
  EXPECT_EQ(estimate.bytes_per_response(), 500);
  EXPECT_EQ(estimate.basis(), "the last load, 1000 answers to 10 users");
}

TEST(TrafficEstimate, ALoadOfAnotherMixOrOfFewAnswersIsNoGround) {
  CampaignPlan plan = PlanUnder({LoadSettings()});
  Timeline timeline;
  timeline.duration = absl::Minutes(2);
  timeline.load_changes = {{absl::ZeroDuration(), 0}};
  LoadStatistics last;
  last.answers = 99;
  last.mean_ms = 1;
  EXPECT_THAT(EstimateTraffic(plan, timeline, last, plan.load).basis(),
              HasSubstr("a table for the mix petclinic,"));
  last.answers = 1000;
  LoadSettings other = plan.load;
  other.mix = "petclinic-stock";
  EXPECT_THAT(EstimateTraffic(plan, timeline, last, other).basis(), HasSubstr("a table"));
}

TEST(TrafficEstimate, TheStockMixIsToldToBeNotMeasuredAndToGrow) {
  CampaignPlan plan = PlanUnder({LoadSettings()});
  plan.load.mix = plan.loads[0].settings.mix = "petclinic-stock";
  Timeline timeline;
  timeline.load_changes = {{absl::ZeroDuration(), 0}};
  timeline.duration = absl::Minutes(10);
  EXPECT_THAT(EstimateTraffic(plan, timeline, {}, {}).basis(), HasSubstr("not measured; its list"));
}

// The slow, obvious twin: counts the users that are there in each hundredth of a second.
TEST(TrafficEstimate, EqualsTheSumOverSmallStepsForAnyLoadsAndLengths) {
  const bool holds = rc::check("integrated ramp-ups", [] {
    std::vector<LoadSettings> loads;
    Timeline timeline;
    const int levels = *rc::gen::inRange(1, 4);
    double sum = 0;
    for (int i = 0; i < levels; ++i) {
      loads.push_back(Users(*rc::gen::inRange(1, 50), absl::Milliseconds(100), absl::ZeroDuration(),
                            absl::Seconds(*rc::gen::inRange(0, 30))));
      timeline.load_changes.push_back({timeline.duration, static_cast<size_t>(i)});
      const int length_s = *rc::gen::inRange(1, 60);
      timeline.duration += absl::Seconds(length_s);
      const double ramp_s = absl::ToDoubleSeconds(loads.back().ramp_up);
      for (double at = 0.005; at < length_s; at += 0.01) {
        const double share = ramp_s > 0 ? std::min(1.0, at / ramp_s) : 1.0;
        sum += 0.01 * share * ClosedLoopRate(loads.back(), absl::Milliseconds(12.5));
      }
    }
    const v1::TrafficEstimate estimate = EstimateTraffic(PlanUnder(loads), timeline, {}, {});
    RC_ASSERT(std::abs(estimate.requests() - sum) <= 1 + sum * 1e-3);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace grayling

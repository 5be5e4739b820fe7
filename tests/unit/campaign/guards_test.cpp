#include "daemon/campaign/guards.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

namespace grayling {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

GuardRule Rule(const std::string& text, double hold_s, double clear_s,
               GuardAction action = GuardAction::kPause) {
  GuardRule rule = *ParseGuardRule(text);
  rule.hold = absl::Seconds(hold_s);
  rule.clear = absl::Seconds(clear_s);
  rule.action = action;
  return rule;
}

GuardReadings Errors(double share) {
  GuardReadings readings;
  readings.error_share = share;
  return readings;
}

absl::Time Second(double second) { return absl::FromUnixSeconds(1000) + absl::Seconds(second); }

TEST(GuardEvaluator, FiresWhenItsConditionHasHeldAndTellsWithWhichValue) {
  GuardEvaluator guards({Rule("errors > 20%", 2, 5)});
  EXPECT_THAT(guards.Step(Second(0), Errors(0.3)), IsEmpty());
  EXPECT_THAT(guards.Step(Second(1), Errors(0.3)), IsEmpty());
  const std::vector<GuardTurn> turns = guards.Step(Second(2), Errors(0.4));
  ASSERT_THAT(turns, SizeIs(1));
  EXPECT_TRUE(turns[0].fired);
  EXPECT_EQ(turns[0].value, 0.4);
  EXPECT_THAT(turns[0].readings, HasSubstr("errors 40 %"));
  EXPECT_THAT(guards.Step(Second(3), Errors(0.4)), IsEmpty()) << "it fires once";
}

TEST(GuardEvaluator, ASingleGoodSecondBeginsTheTimeAnew) {
  GuardEvaluator guards({Rule("errors > 20%", 2, 5)});
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(guards.Step(Second(i), Errors(i % 2 == 0 ? 0.9 : 0.1)), IsEmpty());
  }
}

TEST(GuardEvaluator, LetsGoOnlyAfterItsTimeToClear) {
  GuardEvaluator guards({Rule("errors > 20%", 0, 2)});
  EXPECT_THAT(guards.Step(Second(0), Errors(1)), SizeIs(1));
  EXPECT_THAT(guards.Step(Second(1), Errors(0)), IsEmpty());
  EXPECT_THAT(guards.Step(Second(2), Errors(0.21)), IsEmpty());
  EXPECT_THAT(guards.Step(Second(3), Errors(0)), IsEmpty());
  EXPECT_THAT(guards.Step(Second(4), Errors(0)), IsEmpty());
  const std::vector<GuardTurn> turns = guards.Step(Second(5), Errors(0));
  ASSERT_THAT(turns, SizeIs(1));
  EXPECT_FALSE(turns[0].fired);
}

TEST(GuardEvaluator, WhatWasNotMeasuredNeverFires) {
  GuardEvaluator guards({Rule("requests_per_second < 5", 0, 0), Rule("errors > 0%", 0, 0),
                         Rule("health vets-service unhealthy", 0, 0)});
  for (int i = 0; i < 5; ++i) EXPECT_THAT(guards.Step(Second(i), GuardReadings()), IsEmpty());
}

TEST(GuardEvaluator, ReadsTheServiceThatItsRuleNames) {
  GuardEvaluator guards({Rule("health vets-service unhealthy", 0, 0)});
  GuardReadings readings;
  readings.unhealthy = {{"visits-service", 1}, {"vets-service", 0}};
  EXPECT_THAT(guards.Step(Second(0), readings), IsEmpty());
  readings.unhealthy["vets-service"] = 1;
  EXPECT_THAT(guards.Step(Second(1), readings), SizeIs(1));
}

// The same by its definition: at each step look back over the whole history.
bool TwinHasFired(const std::vector<std::pair<int, double>>& history, const GuardRule& rule) {
  bool fired = false;
  size_t turned = 0;  // the first step that counts for the next turn
  for (size_t now = 0; now < history.size(); ++now) {
    for (size_t from = turned; from <= now; ++from) {
      bool contradicted = true;
      for (size_t i = from; i <= now; ++i) {
        contradicted = contradicted && rule.Holds(history[i].second) != fired;
      }
      const absl::Duration length = absl::Seconds(history[now].first - history[from].first);
      if (contradicted && length >= (fired ? rule.clear : rule.hold)) {
        fired = !fired;
        turned = now + 1;
        break;
      }
    }
  }
  return fired;
}

TEST(GuardEvaluator, AgreesWithItsDefinitionOnAnyHistory) {
  EXPECT_TRUE(rc::check("hysteresis equals the look back", [] {
    const GuardRule rule = Rule("errors > 20%", *rc::gen::inRange(0, 5), *rc::gen::inRange(0, 5));
    GuardEvaluator guards({rule});
    std::vector<std::pair<int, double>> history;
    int second = 0;
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 12));
    for (const int step : steps) {
      second += 1 + step / 6;  // a late look now and then
      const double value = step % 6 == 5 ? kNothing : step % 2 == 0 ? 0.5 : 0.1;
      history.emplace_back(second, value);
      const bool before = guards.HasFired(0);
      const std::vector<GuardTurn> turns = guards.Step(Second(second), Errors(value));
      RC_ASSERT(guards.HasFired(0) == TwinHasFired(history, rule));
      RC_ASSERT(turns.size() == (guards.HasFired(0) == before ? 0u : 1u));
    }
  }));
}

LoadStatistics Totals(uint64_t requests, uint64_t errors) {
  LoadStatistics statistics;
  statistics.running = true;
  statistics.requests = requests;
  statistics.errors = errors;
  statistics.requests_per_second = 1;
  return statistics;
}

TEST(LoadReadings, TheErrorShareIsThatOfTheLastSecondOnly) {
  LoadReadings load;
  GuardReadings first;
  load.Read(Second(0), Totals(100, 50), absl::ZeroDuration(), first);
  GuardReadings second;
  load.Read(Second(1), Totals(110, 51), absl::ZeroDuration(), second);
  EXPECT_DOUBLE_EQ(second.error_share, 0.1);
  GuardReadings third;
  load.Read(Second(2), Totals(110, 51), absl::ZeroDuration(), third);
  EXPECT_TRUE(std::isnan(third.error_share)) << "no request, no share";
}

TEST(LoadReadings, ANewLoadCountsFromZeroAndHasNoRateUntilAllUsersAreThere) {
  LoadReadings load;
  GuardReadings before;
  load.Read(Second(0), Totals(1000, 10), absl::Seconds(10), before);
  GuardReadings fresh;
  load.Read(Second(1), Totals(4, 1), absl::Seconds(10), fresh);
  EXPECT_DOUBLE_EQ(fresh.error_share, 0.25);
  EXPECT_TRUE(std::isnan(fresh.requests_per_second));
  GuardReadings full;
  load.Read(Second(13), Totals(8, 1), absl::Seconds(10), full);
  EXPECT_EQ(full.requests_per_second, 1);
}

TEST(LoadReadings, AStoppedLoadTellsNothing) {
  LoadReadings load;
  LoadStatistics stopped = Totals(10, 10);
  stopped.running = false;
  GuardReadings readings;
  load.Read(Second(0), stopped, absl::ZeroDuration(), readings);
  EXPECT_TRUE(std::isnan(readings.error_share));
  EXPECT_TRUE(std::isnan(readings.p95_ms));
}

}  // namespace
}  // namespace grayling

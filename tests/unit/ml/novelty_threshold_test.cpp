#include "ml/core/novelty_threshold.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

#include "ml/core/alarm_votes.h"

namespace grayling {
namespace {

std::vector<float> Noise(size_t rows, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<float> tail(2);
  std::vector<float> values(rows);
  for (float& value : values) value = tail(random);
  return values;
}

struct Alarms {
  int episodes = 0;
  int rows = 0;
};

// What the rule does on these rows, vote by vote.
Alarms CountAlarms(const std::vector<std::vector<float>>& series, const NoveltyAlarm& rule) {
  Alarms count;
  for (const std::vector<float>& values : series) {
    AlarmVotes votes(rule.votes, rule.rows);
    bool before = false;
    for (const float value : values) {
      const bool alarm = votes.Add(value >= rule.threshold);
      count.rows += alarm ? 1 : 0;
      count.episodes += alarm && !before ? 1 : 0;
      before = alarm;
    }
  }
  return count;
}

RC_GTEST_PROP(NoveltyThresholdProperty, TheRuleKeepsTheBudgetOnTheRowsItWasChosenFrom, ()) {
  const double period_s = *rc::gen::element(1.0, 10.0, 60.0, 300.0);
  const double per_hour = *rc::gen::element(0.2, 1.0, 5.0);
  std::vector<std::vector<float>> series;
  double rows = 0;
  for (int i = 0; i < 3; ++i) {
    series.push_back(Noise(*rc::gen::inRange<size_t>(1, 3000), *rc::gen::arbitrary<uint64_t>()));
    rows += static_cast<double>(series.back().size());
  }
  const NoveltyAlarm rule = ChooseNoveltyAlarm(series, period_s, per_hour);
  const Alarms count = CountAlarms(series, rule);
  RC_ASSERT(count.episodes <= std::max(5.0, per_hour * rows * period_s / 3600));
  RC_ASSERT(count.rows <= 0.05 * rows);
}

TEST(NoveltyThreshold, IsTheLowestThatKeepsTheBudget) {
  const std::vector<std::vector<float>> series = {Noise(6000, 1)};  // 100 hours
  const NoveltyAlarm rule = ChooseNoveltyAlarm(series, 60, 1);
  EXPECT_EQ(CountAlarms(series, rule).episodes, 100);
}

TEST(NoveltyThreshold, NeedsMoreVotesTheRarerAFalseAlarmMayBe) {
  const auto votes = [](double period_s, double per_hour) {
    const NoveltyAlarm rule = ChooseNoveltyAlarm({Noise(2000, 1)}, period_s, per_hour);
    return std::pair(rule.votes, rule.rows);
  };
  EXPECT_EQ(votes(60, 1), std::pair(1, 1));
  EXPECT_EQ(votes(60, 0.3), std::pair(2, 3));
  EXPECT_EQ(votes(1, 3), std::pair(3, 5));
  EXPECT_EQ(votes(1, 0.5), std::pair(5, 8));
}

TEST(NoveltyThreshold, SeriesTooShortForTheBudgetMoveItUpButNotWithoutEnd) {
  const std::vector<std::vector<float>> series = {Noise(30000, 1)};  // 8.3 hours
  const double counted = ChooseNoveltyAlarm(series, 1, 1).threshold;
  const double extrapolated = ChooseNoveltyAlarm(series, 1, 0.2).threshold;
  const double most = ChooseNoveltyAlarm(series, 1, 0.01).threshold;
  EXPECT_LT(counted, extrapolated);
  EXPECT_LT(extrapolated, most);
  EXPECT_EQ(ChooseNoveltyAlarm(series, 1, 0.0001).threshold, most);
}

TEST(LastingChange, TakesAwayWhatStaysAndLeavesWhatIsShort) {
  LastingChange lasting(0.5F, 0.003F);
  for (int i = 0; i < 500; ++i) EXPECT_NEAR(lasting.Step(0.5F), 0.5F, 1e-6);
  for (int i = 0; i < 5; ++i) EXPECT_GT(lasting.Step(4), 3.9F);
  float last = 0;
  for (int i = 0; i < 3000; ++i) last = lasting.Step(2);
  EXPECT_NEAR(last, 0.5F, 0.01);
  // Back at the usual level it is not below it for long, and quiet rows earn no credit.
  for (int i = 0; i < 3000; ++i) lasting.Step(0.1F);
  EXPECT_EQ(lasting.Step(0.4F), 0.4F);
  lasting.Reset();
  EXPECT_EQ(lasting.Step(3), 3);
}

TEST(LastingChange, WithoutAUsualStrangenessTakesNothing) {
  LastingChange lasting(-1, 0.003F);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(lasting.Step(2), 2);
}

TEST(NoveltyThreshold, IsPositiveWhateverTheSeries) {
  EXPECT_GT(ChooseNoveltyAlarm({}, 1, 1).threshold, 0);
  EXPECT_GT(ChooseNoveltyAlarm({{}}, 1, 1).threshold, 0);
  EXPECT_GT(ChooseNoveltyAlarm({{0.5F}}, 1, 1).threshold, 0);
  EXPECT_GT(ChooseNoveltyAlarm({std::vector<float>(500, 0.0F)}, 60, 1).threshold, 0);
  const std::vector<std::vector<float>> constant = {std::vector<float>(500, 1.0F)};
  EXPECT_EQ(CountAlarms(constant, ChooseNoveltyAlarm(constant, 60, 1)).rows, 0);
}

}  // namespace
}  // namespace grayling

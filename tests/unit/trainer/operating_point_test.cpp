#include "ml/trainer/operating_point.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

namespace grayling {
namespace {

using ::testing::SizeIs;

// An hour of seconds with an event of 20 s in every 120 s.
grayling::Run Hour() {
  grayling::Run run;
  for (int i = 0; i < 3600; ++i) run.time.push_back(i);
  for (int start = 60; start < 3600; start += 120) {
    LabelWindow window;
    window.start = start;
    window.end = start + 20;
    window.label = "cpu";
    run.windows.push_back(window);
  }
  return run;
}

bool InEvent(int t) { return t % 120 >= 60 && t % 120 < 80; }

template <typename Score>
std::vector<ScoredRun> Scored(const grayling::Run& run, Score score) {
  ScoredRun scored{&run, {}, std::vector<bool>(run.time.size())};
  for (int t = 0; t < static_cast<int>(run.time.size()); ++t) scored.scores.push_back(score(t));
  return {scored};
}

TEST(OperatingPoint, LiesWhereEventsAndHealthPartWithRoomOnBothSides) {
  const grayling::Run run = Hour();
  const auto point =
      ChooseOperatingPoint(Scored(run, [](int t) { return InEvent(t) ? 0.8F : 0.2F; }), {2, 4}, {});
  EXPECT_TRUE(point.meets_targets);
  EXPECT_EQ(point.evaluation.event_recall, 1);
  EXPECT_EQ(point.evaluation.false_alarms, 0);
  EXPECT_GE(point.threshold, 0.25);
  EXPECT_LE(point.threshold, 0.75);
}

TEST(OperatingPoint, AsksForVotesWhenSingleRowsAreLoud) {
  const grayling::Run run = Hour();
  const auto point = ChooseOperatingPoint(
      Scored(run, [](int t) { return InEvent(t) || t % 30 == 0 ? 0.9F : 0.1F; }), {2, 4}, {});
  EXPECT_TRUE(point.meets_targets);
  EXPECT_GE(point.alarm_votes, 2);
}

TEST(OperatingPoint, AsksForNoMoreVotesThanAShortEventCanGive) {
  grayling::Run run = Hour();
  for (LabelWindow& window : run.windows) window.end = window.start + 3;  // three rows
  // Single loud rows: more votes would silence them, and the events with them.
  const auto point = ChooseOperatingPoint(
      Scored(run,
             [](int t) {
               return t % 120 >= 60 && t % 120 < 63 ? 0.9F : t % 300 == 0 ? 0.9F : 0.1F;
             }),
      {2, 4}, {.false_alarms_per_hour = 1});
  EXPECT_LE(point.alarm_votes, 2);
  EXPECT_EQ(point.evaluation.event_recall, 1);
}

TEST(OperatingPoint, KeepsTheBudgetOfFalseAlarmsBeforeTheRecall) {
  const grayling::Run run = Hour();
  // Every second event is no louder than a disturbance in every other gap.
  const auto score = [](int t) {
    if (InEvent(t)) return t / 120 % 2 == 0 ? 0.9F : 0.6F;
    return t % 240 >= 20 && t % 240 < 40 ? 0.6F : 0.1F;
  };
  const auto point = ChooseOperatingPoint(Scored(run, score), {2, 4}, {.false_alarms_per_hour = 4});
  EXPECT_FALSE(point.meets_targets);
  EXPECT_LE(point.evaluation.false_alarms_per_hour, 4);
  EXPECT_EQ(point.evaluation.event_recall, 0.5);
}

TEST(OperatingPoint, IsFoundWhereAllScoresAreSmall) {
  const grayling::Run run = Hour();
  const auto point = ChooseOperatingPoint(
      Scored(run, [](int t) { return InEvent(t) ? 0.004F : 0.001F; }), {2, 4}, {});
  EXPECT_TRUE(point.meets_targets);
  EXPECT_EQ(point.evaluation.event_recall, 1);
  EXPECT_LT(point.threshold, 0.0041);
}

TEST(OperatingTargets, AllowFewerFalseAlarmsWhereRowsAreRare) {
  EXPECT_EQ(DefaultTargets(1).false_alarms_per_hour, 3);
  EXPECT_EQ(DefaultTargets(60).false_alarms_per_hour, 2);
  EXPECT_DOUBLE_EQ(DefaultTargets(300).false_alarms_per_hour, 0.4);
}

TEST(OperatingPoint, AsksForThreeVotesWhenTheQuietTimeCannotProveTheBudget) {
  grayling::Run minutes = Hour();
  minutes.time.resize(360);
  std::erase_if(minutes.windows, [](const LabelWindow& window) { return window.end > 360; });
  const auto clean = [](int t) { return InEvent(t) ? 0.8F : 0.2F; };
  const OperatingTargets targets{.false_alarms_per_hour = 6};
  EXPECT_GE(ChooseOperatingPoint(Scored(minutes, clean), {2, 4}, targets).alarm_votes, 3);
  const grayling::Run hour = Hour();
  EXPECT_EQ(ChooseOperatingPoint(Scored(hour, clean), {2, 4}, targets).alarm_votes, 1);
}

TEST(OperatingPoint, SaysWhenNoPointMeetsTheTargetsAndThenPicksNeitherAlwaysNorNever) {
  const grayling::Run run = Hour();
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0, 0.15F);
  // A sixth of the events are invisible, and health is noisy.
  const auto point = ChooseOperatingPoint(Scored(run,
                                                 [&](int t) {
                                                   const bool seen = InEvent(t) && t / 120 % 6 != 0;
                                                   return (seen ? 0.7F : 0.3F) + normal(random);
                                                 }),
                                          {2, 4}, {});
  EXPECT_FALSE(point.meets_targets);
  EXPECT_GT(point.evaluation.event_recall, 0.6);
  EXPECT_LT(point.evaluation.event_recall, 1);
  EXPECT_GT(point.evaluation.precision, 0.7);
}

TEST(OperatingPoint, NeverIsAnAlarmThatDoesNotEnd) {
  const grayling::Run run = Hour();
  // Above every threshold from the first event on: one episode, no false start.
  const auto point =
      ChooseOperatingPoint(Scored(run, [](int t) { return t < 60 ? 0.0F : 1.0F; }), {2, 4}, {});
  EXPECT_FALSE(point.meets_targets);
}

TEST(ThresholdTable, RunsFromFiveToNinetyFiveHundredths) {
  const grayling::Run run = Hour();
  const auto table =
      ThresholdTable(Scored(run, [](int t) { return InEvent(t) ? 0.8F : 0.2F; }), {2, 4});
  ASSERT_THAT(table, SizeIs(19));
  EXPECT_EQ(table[0].threshold, 0.05);
  EXPECT_EQ(table[5].threshold, 0.3);
  EXPECT_EQ(table[18].threshold, 0.95);
  EXPECT_EQ(table[9].precision, 1);
  EXPECT_EQ(table[9].recall, 1);
  EXPECT_EQ(table[0].recall, 1);
  EXPECT_LT(table[0].precision, 0.3);
}

TEST(Calibration, BringsOverconfidentLogitsDownToWhatTheyAreWorth) {
  const grayling::Run run = Hour();
  std::mt19937 random(5);
  OutOfFoldRun scored{&run, {}};
  // Logits of log(p / (1 - p)) for p = 0.9 in events and 0.1 in health, then spoilt: times 3
  // plus 5.
  std::bernoulli_distribution right(0.9);
  for (int t = 0; t < 3600; ++t) {
    const float honest = InEvent(t) == right(random) ? 2.197F : -2.197F;
    scored.logits.push_back(3 * honest + 5);
  }
  const Calibration calibration = Calibrate(absl::MakeConstSpan(&scored, 1), {});
  EXPECT_NEAR(calibration.temperature, 3, 0.5);
  // A sixth of the rows are events: the prior lowers the honest logit by log(5).
  EXPECT_NEAR(calibration.bias, -5 - 3 * std::log(5.0), 1.5);
}

TEST(Calibration, KeepsTheRanking) {
  const grayling::Run run = Hour();
  OutOfFoldRun scored{&run, {}};
  for (int t = 0; t < 3600; ++t)
    scored.logits.push_back(InEvent(t) ? 6.0F : static_cast<float>(t % 7));
  const Calibration calibration = Calibrate(absl::MakeConstSpan(&scored, 1), {2, 4});
  const auto scores = ToScores(absl::MakeConstSpan(&scored, 1), calibration)[0].scores;
  for (size_t t = 1; t < scores.size(); ++t) {
    EXPECT_EQ(scores[t] < scores[t - 1], scored.logits[t] < scored.logits[t - 1]);
  }
}

TEST(Calibration, IsTheIdentityWithoutBothClasses) {
  grayling::Run run = Hour();
  run.windows.clear();
  const OutOfFoldRun scored{&run, std::vector<float>(3600, 1)};
  const Calibration calibration = Calibrate(absl::MakeConstSpan(&scored, 1), {2, 4});
  EXPECT_EQ(calibration.temperature, 1);
  EXPECT_EQ(calibration.bias, 0);
}

}  // namespace
}  // namespace grayling

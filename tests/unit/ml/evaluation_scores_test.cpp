#include "ml/core/evaluation_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ml/core/evaluation_ranking.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

std::vector<Run> TwoRuns() {
  std::vector<Run> runs(2);
  runs[0].id = "one";
  runs[0].time = {10, 11, 12};
  runs[1].id = "two, quoted";
  runs[1].time = {1000000000.125, 1000000000.25};
  return runs;
}

std::string Refusal(const std::string& text) {
  const std::vector<grayling::Run> runs = TwoRuns();
  const auto result = ParseScores(text, "s.csv", runs);
  return result.ok() ? "accepted" : std::string(result.status().message());
}

TEST(Scores, FindTheirRowsInAnyOrder) {
  const std::vector<grayling::Run> runs = TwoRuns();
  const auto scored = ParseScores(
      "run,time,score,alarm\r\none,12,0.5,1\r\none,10.0001,-3,0\r\n"
      "\"two, quoted\",1000000000.250,1e3,true\r\none,11,2,0\r\n"
      "\"two, quoted\",1000000000.125,7,0",
      "s.csv", runs);
  ASSERT_TRUE(scored.ok()) << scored.status();
  ASSERT_EQ(scored->size(), 2U);
  EXPECT_EQ((*scored)[0].run, &runs[0]);
  EXPECT_EQ((*scored)[0].scores, (std::vector<float>{-3, 2, 0.5F}));
  EXPECT_EQ((*scored)[0].alarms, (std::vector<bool>{false, false, true}));
  EXPECT_EQ((*scored)[1].scores, (std::vector<float>{7, 1000}));
}

TEST(Scores, MayLeaveOutWholeRunsButNoRowOfARun) {
  const std::vector<grayling::Run> runs = TwoRuns();
  const auto scored =
      ParseScores("run,time,score,alarm\none,10,1,0\none,11,1,0\none,12,1,0\n", "s.csv", runs);
  ASSERT_TRUE(scored.ok()) << scored.status();
  EXPECT_EQ(scored->size(), 1U);
  EXPECT_THAT(Refusal("run,time,score,alarm\none,10,1,0\none,12,1,0\n"),
              HasSubstr("3 rows but only 2 scores, the first missing one at time 11.000"));
}

TEST(Scores, AreRefusedWithTheLineThatIsWrong) {
  const std::string head = "run,time,score,alarm\none,10,1,0\n";
  EXPECT_THAT(Refusal("time,score\n1,2\n"), HasSubstr("s.csv:1: the header is \"time,score\""));
  EXPECT_THAT(Refusal(head + "three,10,1,0\n"), HasSubstr("s.csv:3: the line names the run"));
  EXPECT_THAT(Refusal(head + "one,10.5,1,0\n"),
              HasSubstr("s.csv:3: the line scores the time 10.5"));
  EXPECT_THAT(Refusal(head + "one,10,1,0\n"), HasSubstr("again"));
  EXPECT_THAT(Refusal(head + "one,11,nan,0\n"), HasSubstr("the score \"nan\""));
  EXPECT_THAT(Refusal(head + "one,11,,0\n"), HasSubstr("the score \"\""));
  EXPECT_THAT(Refusal(head + "one,11,1,2\n"), HasSubstr("the alarm \"2\""));
  EXPECT_THAT(Refusal(head + "one,11,1\n"), HasSubstr("must be run,time,score,alarm"));
  EXPECT_THAT(Refusal(head + "one,11,1,0,9\n"), HasSubstr("more than four"));
  EXPECT_THAT(Refusal("run,time,score,alarm\n"), HasSubstr("no row is scored"));
  EXPECT_THAT(Refusal(""), HasSubstr("no row is scored"));
}

Run RunWithFaultyServices() {
  grayling::Run run;
  run.id = "one";
  run.time = {10, 20, 30, 40};
  run.windows = {{10, 15, "cpu", "a", "", std::nullopt, {}},
                 {20, 25, "cpu", "b", "", std::nullopt, {}},
                 {30, 35, "loss", "c", "", std::nullopt, {}},
                 {40, 45, "loss", "", "", std::nullopt, {}},
                 {90, 95, "loss", "c", "", std::nullopt, {}}};
  return run;
}

TEST(Rankings, AreJudgedByTheWindowsThatNameAService) {
  const grayling::Run run = RunWithFaultyServices();
  const grayling::Run* judged = &run;
  // The third window has no ranking, the last one no row.
  const auto result = EvaluateRankings(R"([{"run":"one","start":10.2,"ranking":["a","b"]},
      {"run":"one","start":20,"ranking":["c","a","b"]},
      {"run":"other","start":20,"ranking":["b"]}])",
                                       "r.json", {judged});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->all.events(), 3);
  EXPECT_DOUBLE_EQ(result->all.At(1), 1.0 / 3);
  EXPECT_DOUBLE_EQ(result->all.At(3), 2.0 / 3);
  EXPECT_DOUBLE_EQ(result->per_label.at("loss").At(5), 0);
}

TEST(Rankings, AreRefusedWhenTheyAreNone) {
  const grayling::Run run = RunWithFaultyServices();
  const grayling::Run* judged = &run;
  const auto bad = EvaluateRankings(R"([{"run":"one"}])", "r.json", {judged}).status();
  EXPECT_THAT(std::string(bad.message()), HasSubstr("r.json must be a list of"));
  EXPECT_FALSE(EvaluateRankings("[", "r.json", {judged}).ok());
  EXPECT_FALSE(EvaluateRankings("[]", "r.json", {}).ok());
}

}  // namespace
}  // namespace grayling

#include "ml/core/novelty_crossval.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/unit/ml/novelty_data.h"

namespace grayling {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

class NoveltyCrossval : public ::testing::Test {
 protected:
  NoveltyCrossval()
      : directory_(std::filesystem::temp_directory_path() /
                   absl::StrCat("grayling-novelty-", getpid(), "-",
                                ::testing::UnitTest::GetInstance()->current_test_info()->name())) {}
  ~NoveltyCrossval() override { std::filesystem::remove_all(directory_); }

  static Dataset OneMachine(uint64_t seed) {
    Dataset dataset;
    dataset.name = "machines";
    dataset.period_s = 60;
    dataset.columns = NumberedColumns(4);
    dataset.runs = {LoadedRun("past", 500, 4, seed), LoadedRun("now", 300, 4, seed + 1)};
    for (size_t i = 0; i < 2; ++i) {
      dataset.runs[i].group = "m";
      dataset.runs[i].split = i == 0 ? "train" : "test";
    }
    MakeStrange(dataset.runs[1], 200, 220);
    return dataset;
  }

  static void MakeStrange(grayling::Run& run, Eigen::Index begin, Eigen::Index end) {
    run.values.middleRows(begin, end - begin).col(1) *= 5;
    run.windows = {{static_cast<double>(60 * begin),
                    static_cast<double>(60 * end),
                    "jump",
                    "",
                    "",
                    std::nullopt,
                    {}}};
  }

  NoveltyCrossvalResult Crossvalidate(const Dataset& dataset, int threads = 1) {
    EXPECT_TRUE(WriteDataset(dataset, directory_.string()).ok());
    auto result = CrossvalidateNovelty(directory_.string(), {NoveltyMode::kAuto, 1, threads});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : NoveltyCrossvalResult();
  }

  const std::filesystem::path directory_;
};

TEST_F(NoveltyCrossval, FitsOnTheTrainingRunAndFindsWhatIsStrangeInTheTestRun) {
  const NoveltyCrossvalResult result = Crossvalidate(OneMachine(1));
  ASSERT_EQ(result.scored.size(), 1u);
  EXPECT_EQ(result.scored[0].run->id, "now");
  EXPECT_EQ(result.scored[0].run->values.size(), 0);
  ASSERT_EQ(result.folds.size(), 1u);
  EXPECT_FALSE(result.folds[0].trained_on_heads);
  EXPECT_EQ(result.folds[0].training_rows, 500);
  const Evaluation evaluation = Evaluate(result.scored, {});
  EXPECT_EQ(evaluation.detected, 1);
  EXPECT_GT(evaluation.pr_auc, 0.9);
}

TEST_F(NoveltyCrossval, ARowsScoreDependsOnNoLaterRowAndOnNoWindow) {
  const NoveltyCrossvalResult honest = Crossvalidate(OneMachine(1));
  Dataset garbled = OneMachine(1);
  garbled.runs[1].windows = {{0, 600, "other", "", "", std::nullopt, {}}};
  garbled.runs[1].values.bottomRows(100).setConstant(-1e9F);
  const NoveltyCrossvalResult other = Crossvalidate(garbled);
  EXPECT_EQ(honest.folds[0].threshold, other.folds[0].threshold);
  const auto& a = honest.scored[0].scores;
  const auto& b = other.scored[0].scores;
  EXPECT_TRUE(std::equal(a.begin(), a.begin() + 200, b.begin()));
  EXPECT_NE(a[250], b[250]);
}

TEST_F(NoveltyCrossval, WithoutATrainingRunTheHeadsTrainAndScoreNothing) {
  Dataset dataset = OneMachine(1);
  for (grayling::Run& run : dataset.runs) run.split = "";
  const NoveltyCrossvalResult result = Crossvalidate(dataset);
  ASSERT_EQ(result.scored.size(), 2u);
  EXPECT_TRUE(result.folds[0].trained_on_heads);
  EXPECT_EQ(result.folds[0].training_rows, 75 + 45);
  const ScoredRun& now = result.scored[1];
  EXPECT_THAT(std::vector<float>(now.scores.begin(), now.scores.begin() + 45), Each(0));
  EXPECT_EQ(std::count(now.alarms.begin(), now.alarms.begin() + 45, true), 0);
  EXPECT_GT(now.scores[45], 0);
  EXPECT_GT(now.scores[205], 0.5);
}

// Group by group in the order of first sight, whoever was ready first.
TEST_F(NoveltyCrossval, ThreadsChangeNothing) {
  Dataset dataset = OneMachine(1);
  for (uint64_t m = 0; m < 6; ++m) {
    for (grayling::Run run : OneMachine(10 * m).runs) {
      run.group = absl::StrCat("g", m);
      run.id = absl::StrCat(run.group, "-", run.id);
      dataset.runs.push_back(run);
    }
  }
  const NoveltyCrossvalResult one = Crossvalidate(dataset, 1);
  const NoveltyCrossvalResult four = Crossvalidate(dataset, 4);
  ASSERT_EQ(one.runs.size(), 7u);
  ASSERT_EQ(four.runs.size(), 7u);
  for (size_t i = 0; i < one.runs.size(); ++i) {
    EXPECT_EQ(one.runs[i].id, four.runs[i].id);
    EXPECT_EQ(one.scored[i].scores, four.scored[i].scores);
    EXPECT_EQ(four.scored[i].run, &four.runs[i]);
  }
}

TEST_F(NoveltyCrossval, AGroupThatCannotBeFittedIsScoredZeroAndSaysWhy) {
  Dataset dataset = OneMachine(1);
  grayling::Run tiny = LoadedRun("tiny", 6, 4, 3);
  tiny.group = "t";
  dataset.runs.push_back(tiny);
  const NoveltyCrossvalResult result = Crossvalidate(dataset);
  ASSERT_EQ(result.scored.size(), 2u);
  EXPECT_THAT(result.scored[1].scores, Each(0));
  EXPECT_THAT(result.folds[1].note, HasSubstr("3 training rows"));
  EXPECT_EQ(result.folds[0].note, "");
}

TEST_F(NoveltyCrossval, OnlyTrainingRunsAreAnError) {
  Dataset dataset = OneMachine(1);
  dataset.runs.pop_back();
  ASSERT_TRUE(WriteDataset(dataset, directory_.string()).ok());
  EXPECT_THAT(std::string(CrossvalidateNovelty(directory_.string(), {}).status().message()),
              HasSubstr("every run is marked as training"));
}

}  // namespace
}  // namespace grayling

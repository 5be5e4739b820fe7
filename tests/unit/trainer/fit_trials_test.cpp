#include "ml/trainer/fit_trials.h"

#include <gmock/gmock.h>

#include <cmath>

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(CheckpointEpochs, AreAtMostTwelveAndEndWithTheLastEpoch) {
  EXPECT_THAT(CheckpointEpochs(60), SizeIs(12));
  EXPECT_EQ(CheckpointEpochs(60).front(), 5);
  EXPECT_THAT(CheckpointEpochs(3), ElementsAre(1, 2, 3));
  EXPECT_THAT(CheckpointEpochs(1), ElementsAre(1));
  for (int epochs = 1; epochs < 200; ++epochs) {
    EXPECT_LE(CheckpointEpochs(epochs).size(), 12U);
    EXPECT_EQ(CheckpointEpochs(epochs).back(), epochs);
  }
}

TEST(SteadyMaximum, PrefersAGoodNeighbourhoodToOneLuckyPoint) {
  EXPECT_EQ(SteadyMaximum({0.1, 0.8, 0.1, 0.7, 0.75, 0.7}), 4U);
}

TEST(Quality, IsTheMeanOverTheFoldsThatHaveFaults) {
  Trial trial;
  trial.pr_auc = {{0.5, 0.7}, {0.9}, {NAN, NAN}};
  EXPECT_EQ(trial.common_checkpoints(), 1U);
  EXPECT_DOUBLE_EQ(QualityAt(trial, 0).mean, 0.7);
  EXPECT_NEAR(QualityAt(trial, 0).standard_error, std::sqrt(0.08 / 2), 1e-12);
}

TEST(OneStandardErrorRule, TakesTheSmallestNetworkThatIsAboutAsGood) {
  EXPECT_EQ(SmallestWithinOneStandardError({{0.5, 0.1}, {0.78, 0.1}, {0.8, 0.05}}), 1U);
  EXPECT_EQ(SmallestWithinOneStandardError({{0.5, 0.3}, {0.6, 0.3}, {0.8, 0.05}}), 2U);
}

}  // namespace
}  // namespace grayling

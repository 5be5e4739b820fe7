#include "ml/core/conformal.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "ml/core/calibration_error.h"

namespace grayling {
namespace {

std::vector<double> OneTo(int count) {
  std::vector<double> values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), 1);
  return values;
}

TEST(ConformalThreshold, IsTheOrderStatisticOfTheFormula) {
  const auto threshold = FitConformalThreshold(OneTo(39), 0.1);
  ASSERT_TRUE(threshold.ok()) << threshold.status();
  EXPECT_EQ(threshold->rank, 4);  // floor(0.1 * 40)
  EXPECT_EQ(threshold->threshold, 4);
  EXPECT_EQ(threshold->events, 39);
}

TEST(ConformalThreshold, NeedsNineteenEventsForFivePerCent) {
  EXPECT_TRUE(FitConformalThreshold(OneTo(19), 0.05).ok());
  const auto refused = FitConformalThreshold(OneTo(18), 0.05).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(refused.message().find("19 are needed"), absl::string_view::npos) << refused;
  EXPECT_FALSE(FitConformalThreshold({}, 0.05).ok());
}

TEST(ConformalThreshold, RefusesAMissRateThatIsNoShare) {
  EXPECT_EQ(FitConformalThreshold(OneTo(99), 0).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FitConformalThreshold(OneTo(99), 1).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ConformalThreshold, KeepsItsPromiseOnNewEventsOfTheSameKind) {
  std::mt19937 random(7);
  std::normal_distribution<double> score;
  int missed = 0;
  constexpr int kTrials = 4000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> maxima(29);
    for (double& value : maxima) value = score(random);
    missed += score(random) < FitConformalThreshold(maxima, 0.1)->threshold ? 1 : 0;
  }
  // 3 of 30 exactly; the standard error is 0.005.
  EXPECT_NEAR(static_cast<double>(missed) / kTrials, 0.1, 0.02);
}

TEST(EventMaxima, LookAtTheEventAndItsGraceOnly) {
  grayling::Run run;
  run.time = {0, 1, 2, 3, 4, 5};
  run.windows = {{1, 3, "x", "", "", std::nullopt, {}}};
  const ScoredRun scored{&run, {9, 1, 2, 5, 7, 9}, std::vector<bool>(6, false)};
  EXPECT_EQ(EventMaxima({scored}, 0), std::vector<double>{2});
  EXPECT_EQ(EventMaxima({scored}, 2), std::vector<double>{7});
}

TEST(CalibrationError, IsZeroWhereScoresAreTheShares) {
  const CalibrationError error =
      MeasureCalibration(std::vector<float>(4, 0.25F), {true, false, false, false});
  EXPECT_NEAR(error.expected, 0, 1e-9);
  EXPECT_NEAR(error.brier, 0.1875, 1e-9);
}

TEST(CalibrationError, IsTheDistanceWhereScoresAreTooSure) {
  const CalibrationError error =
      MeasureCalibration(std::vector<float>{1, 1, 0, 0}, {true, false, false, false});
  EXPECT_DOUBLE_EQ(error.expected, 0.25);
  EXPECT_DOUBLE_EQ(error.brier, 0.25);
}

TEST(CalibrationError, IsNotDefinedForScoresThatAreNoProbabilities) {
  EXPECT_TRUE(std::isnan(MeasureCalibration(std::vector<float>{2, 0}, {true, false}).expected));
  EXPECT_TRUE(std::isnan(MeasureCalibration({}, {}).brier));
}

}  // namespace
}  // namespace grayling

#include "ml/core/cleaner_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "noisy_series.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

FittedColumn Fit(const std::vector<float>& values) {
  const BaselineStretch stretch{0, values};
  return FitColumnCleaning(absl::MakeSpan(&stretch, 1));
}

TEST(FitCleaning, VariableSeriesGetSmallWindowsAndHighThresholdsSteadyOnesTheReverse) {
  const int windows[] = {3, 5, 7, 10};
  const double deviations[] = {60, 30, 15, 3};
  double threshold = 100;
  for (int i = 0; i < 4; ++i) {
    const FittedColumn fit = Fit(NoisySeries(4000, 100, deviations[i], 1));
    ASSERT_TRUE(fit.cleaning.active);
    EXPECT_NEAR(fit.cleaning.variability, deviations[i] / 100, 0.03);
    EXPECT_EQ(fit.cleaning.window, windows[i]);
    EXPECT_LT(fit.cleaning.threshold, threshold);
    threshold = fit.cleaning.threshold;
  }
}

TEST(FitCleaning, TheThresholdOfNormalNoiseIsTheOneOfTheD2Table) {
  // q0.995 of the range of ten normal values is 5.418 sigmas.
  const FittedColumn fit = Fit(NoisySeries(20000, 100, 2, 2));
  EXPECT_NEAR(fit.cleaning.threshold, 5.418 * 0.02, 0.004);
}

TEST(FitCleaning, ASeriesAroundZeroKeepsAScale) {
  const FittedColumn fit = Fit(NoisySeries(4000, 0, 1, 3));
  ASSERT_TRUE(fit.cleaning.active);
  EXPECT_LE(fit.cleaning.variability, 1.001);
  EXPECT_LT(fit.cleaning.threshold, 6);
}

TEST(FitCleaning, ConstantSeriesAndEventCountersAndShortOnesPass) {
  EXPECT_EQ(Fit(std::vector<float>(100, 7)).reason, CleaningReason::kConstant);
  std::vector<float> events(100, 0);
  events[20] = events[60] = 3;
  EXPECT_EQ(Fit(events).reason, CleaningReason::kEvents);
  EXPECT_EQ(Fit(NoisySeries(20, 100, 5, 1)).reason, CleaningReason::kTooFew);
  EXPECT_EQ(Fit({}).reason, CleaningReason::kTooFew);
  for (const auto& values : {std::vector<float>(100, 7), events}) {
    EXPECT_FALSE(Fit(values).cleaning.active);
  }
}

TEST(FitCleaning, RoundingErrorsOfAConstantAreNoMovement) {
  std::vector<float> values(200, 1000);
  for (size_t i = 0; i < values.size(); i += 3) {
    values[i] = std::nextafter(1000.0F, 2000.0F);
  }
  EXPECT_EQ(Fit(values).reason, CleaningReason::kConstant);
}

TEST(FitCleaning, TwoRowSpikesAreRepairedWhereTheBaselineHasThem) {
  const std::vector<float> values = NoisySeries(6000, 100, 2, 4);
  EXPECT_EQ(Fit(values).cleaning.longest_spike, 1);
  std::vector<float> two_rows = values;
  for (const size_t row : {500, 3500}) two_rows[row] = two_rows[row + 1] = 300;
  EXPECT_EQ(Fit(two_rows).cleaning.longest_spike, 2);
}

TEST(FitCleaning, WhatTheBaselineShowsAgainAndAgainIsNoOutlier) {
  std::vector<float> values = NoisySeries(6000, 100, 2, 4);
  for (size_t row = 250; row < values.size(); row += 120) values[row] = 300;
  const FittedColumn fit = Fit(values);
  EXPECT_GT(fit.cleaning.threshold, 1.5);
  EXPECT_THAT(ExplainCleaning(fit, 0), HasSubstr("raised to swings that the baseline shows"));
}

TEST(FitCleaning, DifferentLoadsOfRunsDoNotLookVariable) {
  const BaselineStretch stretches[] = {{0, NoisySeries(500, 100, 3, 1)},
                                       {1, NoisySeries(500, 300, 9, 2)}};
  EXPECT_EQ(FitColumnCleaning(stretches).cleaning.window, 10);
}

TEST(FitCleaning, FaultRowsAndTheRowsShortlyAfterChangeNoFittedNumber) {
  grayling::Run clean = RunOf("a", {NoisySeries(600, 100, 5, 1)});
  clean.windows = {FaultWindow(200, 300)};
  grayling::Run wild = clean;
  for (Eigen::Index row = 200; row < 304; ++row)
    wild.values(row, 0) = 1e6F * static_cast<float>(row % 7);
  const CleaningSettings settings{4, {}, {}};
  const grayling::Run* of_clean[] = {&clean};
  const grayling::Run* of_wild[] = {&wild};
  const ColumnCleaning a = FitCleaning(of_clean, settings).columns[0].cleaning;
  const ColumnCleaning b = FitCleaning(of_wild, settings).columns[0].cleaning;
  EXPECT_EQ(a.threshold, b.threshold);
  EXPECT_EQ(a.variability, b.variability);
  EXPECT_EQ(a.least_range, b.least_range);
}

TEST(FitCleaning, ARepairMayHideAtMostAQuarterOfTheShortestKnownFault) {
  grayling::Run run = RunOf("a", {NoisySeries(600, 100, 5, 1)});
  const grayling::Run* runs[] = {&run};
  run.windows = {FaultWindow(100, 103), FaultWindow(200, 300)};
  FittedCleaning fitted = FitCleaning(runs, {4, {}, {}});
  EXPECT_EQ(fitted.shortest_fault, 3);
  EXPECT_EQ(fitted.columns[0].cleaning.longest_spike, 0);
  EXPECT_THAT(ExplainCleaning(fitted.columns[0], fitted.shortest_fault),
              HasSubstr("no repair, a known fault lasts only 3 rows"));
  EXPECT_EQ(CleaningClass(fitted.columns[0]), "nearly constant");
  run.windows = {FaultWindow(100, 104)};
  EXPECT_EQ(FitCleaning(runs, {4, {}, {}}).columns[0].cleaning.longest_spike, 1);
  EXPECT_EQ(FitCleaning(runs, {4, {}, 2}).columns[0].cleaning.longest_spike, 2) << "as told";
}

TEST(FitCleaning, MissingCellsAreLeftOut) {
  grayling::Run run = RunOf("a", {NoisySeries(600, 100, 5, 1), NoisySeries(600, 100, 5, 1)});
  for (Eigen::Index row = 0; row < 600; ++row) {
    run.values(row, 1) = std::numeric_limits<float>::quiet_NaN();
    if (row % 10 == 0) run.values(row, 0) = std::numeric_limits<float>::quiet_NaN();
  }
  const grayling::Run* runs[] = {&run};
  const FittedCleaning fitted = FitCleaning(runs, {0, {}, {}});
  EXPECT_EQ(fitted.columns[0].values, 540);
  EXPECT_TRUE(fitted.columns[0].cleaning.active);
  EXPECT_EQ(fitted.columns[1].reason, CleaningReason::kTooFew);
  EXPECT_TRUE(Cleaner::Create(fitted.Cleanings()).ok());
}

}  // namespace
}  // namespace grayling

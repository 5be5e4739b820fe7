#include "ml/core/statistics.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "ml/core/bootstrap.h"

namespace grayling {
namespace {

std::vector<float> Ascending(const std::vector<int>& values) {
  std::vector<float> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

std::vector<int> AnySmallNumbers() {
  return *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-8, 9)));
}

TEST(Quantile, InterpolatesBetweenOrderStatistics) {
  EXPECT_DOUBLE_EQ(SortedQuantile(std::vector<double>{1, 2, 4}, 0.75), 3);
  EXPECT_DOUBLE_EQ(SortedQuantile(std::vector<double>{7}, 0.9), 7);
  EXPECT_TRUE(std::isnan(SortedQuantile(std::vector<double>{}, 0.5)));
}

RC_GTEST_PROP(MedianAbsoluteDeviationProperty, EqualsSortingTheDistances, ()) {
  const std::vector<float> values = Ascending(AnySmallNumbers());
  const double median = SortedQuantile(values, 0.5);
  std::vector<double> distances;
  for (const float value : values)
    distances.push_back(std::abs(static_cast<double>(value) - median));
  std::sort(distances.begin(), distances.end());
  RC_ASSERT(std::abs(MedianAbsoluteDeviation(values) - 1.4826 * SortedQuantile(distances, 0.5)) <
            1e-9);
}

RC_GTEST_PROP(CliffsDeltaProperty, EqualsComparingEveryPair, ()) {
  const std::vector<float> left = Ascending(AnySmallNumbers());
  const std::vector<float> right = Ascending(AnySmallNumbers());
  double sum = 0;
  for (const float a : left) {
    for (const float b : right) sum += a > b ? 1 : a < b ? -1 : 0;
  }
  const double expected = sum / static_cast<double>(left.size() * right.size());
  RC_ASSERT(std::abs(CliffsDelta(CompareRanks(left, right)) - expected) < 1e-12);
}

RC_GTEST_PROP(RankReferenceProperty, ComparesAsTheMergeDoes, ()) {
  const std::vector<float> left = Ascending(AnySmallNumbers());
  const std::vector<float> right = Ascending(AnySmallNumbers());
  const RankSum merged = CompareRanks(left, right);
  const RankSum searched = RankReference(right).Compare(left);
  RC_ASSERT(std::abs(merged.u - searched.u) < 1e-9);
  RC_ASSERT(merged.pairs == searched.pairs);
  RC_ASSERT(std::abs(merged.variance - searched.variance) < 1e-6);
}

TEST(MannWhitney, GivesThePValuesOfScipy) {
  // scipy.stats.mannwhitneyu(a, b, method="asymptotic").
  const std::vector<float> a = {1, 2, 2, 3, 5, 8, 9};
  const std::vector<float> b = {2, 4, 6, 7, 9, 10, 11, 12};
  const RankSum ranks = CompareRanks(a, b);
  EXPECT_DOUBLE_EQ(ranks.u, 12.5);
  EXPECT_NEAR(RankSumPValue({ranks}), 0.08120887151819865, 1e-9);
}

TEST(MannWhitney, SeesNothingInEqualSamplesAndInConstantOnes) {
  const std::vector<float> a = {1, 2, 3};
  EXPECT_DOUBLE_EQ(RankSumPValue({CompareRanks(a, a)}), 1);
  const std::vector<float> constant = {4, 4, 4};
  EXPECT_DOUBLE_EQ(RankSumPValue({CompareRanks(constant, constant)}), 1);
}

TEST(MannWhitney, AddsUpEvidenceOverStrataThatAloneAreWeak) {
  const RankSum one = CompareRanks(std::vector<float>{4, 5, 6}, std::vector<float>{1, 2, 3});
  EXPECT_GT(RankSumPValue({one}), 0.05);
  EXPECT_LT(RankSumPValue({one, one, one, one}), 0.001);
}

TEST(BenjaminiHochberg, GivesTheTextbooksAdjustedValues) {
  const double undefined = std::nan("");
  const auto adjusted = AdjustForFalseDiscovery({0.01, 0.04, undefined, 0.03, 0.005});
  EXPECT_DOUBLE_EQ(adjusted[4], 0.02);
  EXPECT_DOUBLE_EQ(adjusted[0], 0.02);
  EXPECT_DOUBLE_EQ(adjusted[3], 0.04);
  EXPECT_DOUBLE_EQ(adjusted[1], 0.04);
  EXPECT_TRUE(std::isnan(adjusted[2]));
}

TEST(Bootstrap, DrawsAsManyUnitsAsThereAreAndRepeatsItselfBySeed) {
  const Eigen::MatrixXf counts = ResampleCounts(7, 50, 3);
  EXPECT_TRUE((counts.rowwise().sum().array() == 7).all());
  EXPECT_EQ(counts, ResampleCounts(7, 50, 3));
  EXPECT_NE(counts, ResampleCounts(7, 50, 4));
}

TEST(Bootstrap, IntervalOfAMeanIsAboutTwoStandardErrorsWide) {
  // 100 values with standard deviation 1: the standard error is 0.1.
  const Eigen::MatrixXf counts = ResampleCounts(100, 2000, 1);
  Eigen::VectorXf values(100);
  for (int i = 0; i < 100; ++i) values[i] = i % 2 == 0 ? -1 : 1;
  const Eigen::VectorXf means = counts * values / 100;
  const Interval interval = PercentileInterval({means.data(), means.data() + means.size()});
  EXPECT_NEAR(interval.low, -0.2, 0.03);
  EXPECT_NEAR(interval.high, 0.2, 0.03);
}

}  // namespace
}  // namespace grayling

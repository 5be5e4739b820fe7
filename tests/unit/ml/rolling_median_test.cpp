#include "ml/core/rolling_median.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>

namespace grayling {
namespace {

// The obvious way: copy, sort, take the middle.
float SlowMedian(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  if (values.size() % 2 == 1) return values[half];
  return static_cast<float>((static_cast<double>(values[half - 1]) + values[half]) / 2);
}

float SlowMad(const std::deque<float>& window) {
  const float median = SlowMedian({window.begin(), window.end()});
  std::vector<float> deviations;
  for (const float value : window) deviations.push_back(std::abs(value - median));
  return SlowMedian(deviations);
}

RC_GTEST_PROP(RollingMedianProperty, EqualsSortingEveryWindow, ()) {
  const int window = *rc::gen::inRange(1, 40);
  // Few distinct values make many ties, many make none.
  const int distinct = *rc::gen::element(2, 7, 100000);
  const auto codes = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-distinct, distinct));
  RollingMedian rolling(window);
  std::deque<float> twin;
  for (const int code : codes) {
    const float value = static_cast<float>(code) * 0.37F;
    rolling.Add(value);
    twin.push_back(value);
    if (twin.size() > static_cast<size_t>(window)) twin.pop_front();
    RC_ASSERT(rolling.count() == static_cast<int>(twin.size()));
    RC_ASSERT(rolling.median() == SlowMedian({twin.begin(), twin.end()}));
    RC_ASSERT(rolling.mad() == SlowMad(twin));
    RC_ASSERT(rolling.quantile(0) == *std::min_element(twin.begin(), twin.end()));
    RC_ASSERT(rolling.quantile(1) == *std::max_element(twin.begin(), twin.end()));
  }
}

TEST(RollingMedian, QuantilesLieLinearlyBetweenTheValues) {
  RollingMedian rolling(5);
  for (const float value : {40.0F, 10.0F, 20.0F, 30.0F}) rolling.Add(value);
  EXPECT_FLOAT_EQ(rolling.quantile(0.25), 17.5F);
  EXPECT_FLOAT_EQ(rolling.quantile(0.5), 25.0F);
}

TEST(RollingMedian, MissingAndInfiniteValuesTakeNoPlace) {
  RollingMedian rolling(3);
  for (const float value : {1.0F, 2.0F, 3.0F}) rolling.Add(value);
  rolling.Add(std::numeric_limits<float>::quiet_NaN());
  rolling.Add(-std::numeric_limits<float>::infinity());
  EXPECT_EQ(rolling.count(), 3);
  EXPECT_EQ(rolling.median(), 2);
}

TEST(RollingMedian, KnowsNothingBeforeTheFirstValueAndAfterAReset) {
  RollingMedian rolling(3);
  EXPECT_TRUE(std::isnan(rolling.median()));
  rolling.Add(5);
  rolling.Reset();
  EXPECT_EQ(rolling.count(), 0);
  EXPECT_TRUE(std::isnan(rolling.median()));
  EXPECT_TRUE(std::isnan(rolling.mad()));
  EXPECT_TRUE(std::isnan(rolling.quantile(0.5)));
  rolling.Add(7);
  EXPECT_EQ(rolling.median(), 7);
}

}  // namespace
}  // namespace grayling

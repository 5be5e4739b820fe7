#include "daemon/load/latency_histogram.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace grayling {
namespace {

absl::Duration NearestRankBySorting(std::vector<int64_t> values, double quantile) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<size_t>(std::ceil(quantile * values.size()));
  return absl::Microseconds(values[std::max<size_t>(rank, 1) - 1]);
}

TEST(LatencyHistogramTest, IsEmptyAtFirst) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.Mean(), absl::ZeroDuration());
  EXPECT_EQ(histogram.Quantile(0.5), absl::ZeroDuration());
}

TEST(LatencyHistogramTest, IsExactBelow256Microseconds) {
  LatencyHistogram histogram;
  for (int value = 1; value <= 100; ++value) histogram.Record(absl::Microseconds(value));
  EXPECT_EQ(histogram.Quantile(0.5), absl::Microseconds(50));
  EXPECT_EQ(histogram.Quantile(0.99), absl::Microseconds(99));
  EXPECT_EQ(histogram.Quantile(1.0), absl::Microseconds(100));
  EXPECT_EQ(histogram.Quantile(0.0), absl::Microseconds(1));
  EXPECT_EQ(histogram.Mean(), absl::Microseconds(50.5));
}

TEST(LatencyHistogramTest, AgreesWithSortingWithinOneBucket) {
  const bool holds = rc::check([] {
    // Exponents first, so that all magnitudes from 1 us to an hour are seen.
    const auto exponents =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange<int>(0, 3200)));
    std::vector<int64_t> values;
    LatencyHistogram histogram;
    for (const int exponent : exponents) {
      values.push_back(static_cast<int64_t>(std::exp2(exponent / 100.0)));
      histogram.Record(absl::Microseconds(values.back()));
    }
    for (const double quantile : {0.0, 0.5, 0.95, 0.99, 1.0}) {
      const double exact = absl::ToDoubleMicroseconds(NearestRankBySorting(values, quantile));
      const double ours = absl::ToDoubleMicroseconds(histogram.Quantile(quantile));
      RC_ASSERT(std::abs(ours - exact) <= exact / 128);
    }
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    const double mean = sum / static_cast<double>(values.size());
    RC_ASSERT(std::abs(absl::ToDoubleMicroseconds(histogram.Mean()) - mean) <= 1e-6 * mean + 1e-3);
  });
  EXPECT_TRUE(holds);
}

TEST(LatencyHistogramTest, CountsWhatIsTooLongAsTheLongest) {
  LatencyHistogram histogram;
  histogram.Record(absl::Hours(1000));
  EXPECT_EQ(histogram.count(), 1);
  EXPECT_GT(histogram.Quantile(0.5), absl::Minutes(70));
}

TEST(LatencyHistogramTest, ForgetsWhenCleared) {
  LatencyHistogram histogram;
  histogram.Record(absl::Milliseconds(7));
  histogram.Clear();
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.Quantile(0.99), absl::ZeroDuration());
  histogram.Record(absl::Microseconds(3));
  EXPECT_EQ(histogram.Quantile(0.99), absl::Microseconds(3));
}

}  // namespace
}  // namespace grayling

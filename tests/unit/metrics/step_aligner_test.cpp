#include "daemon/metrics/step_aligner.h"

#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr Aggregation kAll[] = {Aggregation::kLast, Aggregation::kMean,     Aggregation::kMin,
                                Aggregation::kMax,  Aggregation::kSum,      Aggregation::kCount,
                                Aggregation::kRate, Aggregation::kIncrease, Aggregation::kDelta};

using Samples = std::vector<std::pair<int64_t, double>>;

Samples Aligned(const Samples& samples, const StepGrid& grid, Aggregation aggregation) {
  std::vector<int64_t> times;
  std::vector<double> values;
  for (const auto& [time, value] : samples) {
    times.push_back(time);
    values.push_back(value);
  }
  std::vector<int64_t> instants = {99};  // what was there before is replaced
  std::vector<double> results = {99};
  StepAligner(grid, aggregation).Align({times, values}, instants, results);
  EXPECT_EQ(instants.size(), results.size());
  Samples aligned;
  for (size_t i = 0; i < instants.size(); ++i) aligned.emplace_back(instants[i], results[i]);
  return aligned;
}

// The definition, window by window, from the whole series each time.
Samples SlowlyAligned(const Samples& samples, const StepGrid& grid, Aggregation aggregation) {
  Samples aligned;
  for (int64_t t = grid.first_ms; t <= grid.last_ms; t += grid.step_ms) {
    std::vector<double> inside;
    bool ended = false;
    double increase = 0, delta = 0, seconds = 0;
    for (size_t i = 0; i < samples.size(); ++i) {
      const auto& [time, value] = samples[i];
      if (time <= t - grid.step_ms || time > t) continue;
      ended = IsStale(value);
      if (ended) continue;
      inside.push_back(value);
      if (i == 0 || IsStale(samples[i - 1].second)) continue;
      const int64_t apart = time - samples[i - 1].first;
      if (apart > std::max<int64_t>(300'000, grid.step_ms)) continue;
      const double difference = value - samples[i - 1].second;
      delta += difference;
      increase += difference < 0 ? value : difference;
      seconds += static_cast<double>(apart);
    }
    const auto sum = [&] {
      double total = 0;
      for (const double value : inside) total += value;
      return total;
    };
    if (inside.empty()) continue;
    const auto count = static_cast<double>(inside.size());
    switch (aggregation) {
      case Aggregation::kLast:
        if (!ended) aligned.emplace_back(t, inside.back());
        break;
      case Aggregation::kMean:
        aligned.emplace_back(t, sum() / count);
        break;
      case Aggregation::kMin:
        aligned.emplace_back(t, *std::min_element(inside.begin(), inside.end()));
        break;
      case Aggregation::kMax:
        aligned.emplace_back(t, *std::max_element(inside.begin(), inside.end()));
        break;
      case Aggregation::kSum:
        aligned.emplace_back(t, sum());
        break;
      case Aggregation::kCount:
        aligned.emplace_back(t, count);
        break;
      case Aggregation::kRate:
        if (seconds > 0) aligned.emplace_back(t, increase * 1000 / seconds);
        break;
      case Aggregation::kIncrease:
        if (seconds > 0) aligned.emplace_back(t, increase);
        break;
      case Aggregation::kDelta:
        if (seconds > 0) aligned.emplace_back(t, delta);
        break;
    }
  }
  return aligned;
}

rc::Gen<Samples> AnySamples() {
  return rc::gen::exec([] {
    Samples samples;
    int64_t time = *rc::gen::inRange<int64_t>(-50'000, 50'000);
    const int count = *rc::gen::inRange(0, 60);
    for (int i = 0; i < count; ++i) {
      time += *rc::gen::element<int64_t>(1, 7, 999, 1000, 1001, 5000, 30'000, 299'999, 300'001);
      const bool stale = *rc::gen::inRange(0, 8) == 0;
      samples.emplace_back(time, stale ? StaleMarker() : *rc::gen::inRange(0, 100));
    }
    return samples;
  });
}

TEST(StepAlignerTest, AgreesWithTheDefinitionForEverySeries) {
  EXPECT_TRUE(rc::check([] {
    const Samples samples = *AnySamples();
    StepGrid grid;
    grid.step_ms = *rc::gen::element<int64_t>(1000, 1500, 5000, 60'000, 600'000);
    grid.first_ms = *rc::gen::inRange<int64_t>(-60'000, 400'000);
    grid.last_ms = grid.first_ms + *rc::gen::inRange<int64_t>(-1, 2'000'000);
    for (const Aggregation aggregation : kAll) {
      RC_ASSERT(Aligned(samples, grid, aggregation) == SlowlyAligned(samples, grid, aggregation));
    }
  }));
}

TEST(StepAlignerTest, NeedsNoSampleOutsideOfWhatItAsksFor) {
  EXPECT_TRUE(rc::check([] {
    const Samples samples = *AnySamples();
    StepGrid grid;
    grid.step_ms = *rc::gen::element<int64_t>(1000, 7000, 400'000);
    grid.first_ms = *rc::gen::inRange<int64_t>(0, 400'000);
    grid.last_ms = grid.first_ms + *rc::gen::inRange<int64_t>(0, 1'000'000);
    for (const Aggregation aggregation : kAll) {
      const StepAligner aligner(grid, aggregation);
      Samples read;
      for (const auto& sample : samples) {
        if (sample.first >= aligner.ReadFromMs() && sample.first < aligner.ReadToMs()) {
          read.push_back(sample);
        }
      }
      RC_ASSERT(Aligned(read, grid, aggregation) == Aligned(samples, grid, aggregation));
    }
  }));
}

TEST(StepAlignerTest, IncreasesOfAdjacentWindowsAddUpToTheWhole) {
  EXPECT_TRUE(rc::check([] {
    Samples samples = *AnySamples();
    const int64_t span = samples.empty() ? 1000 : samples.back().first - samples[0].first + 1000;
    const int64_t first = samples.empty() ? 0 : samples[0].first;
    double total = 0;
    for (const auto& [t, value] :
         Aligned(samples, {first, first + span, 1000}, Aggregation::kIncrease)) {
      total += value;
    }
    double expected = 0;
    for (size_t i = 1; i < samples.size(); ++i) {
      const double a = samples[i - 1].second, b = samples[i].second;
      if (IsStale(a) || IsStale(b) || samples[i].first - samples[i - 1].first > 300'000) continue;
      expected += b < a ? b : b - a;
    }
    RC_ASSERT(total == expected);
  }));
}

TEST(StepAlignerTest, AWindowIsOpenAtItsBeginAndClosedAtItsEnd) {
  const Samples samples = {{1000, 1}, {1001, 2}, {2000, 3}, {2001, 4}};
  EXPECT_THAT(Aligned(samples, {1000, 3000, 1000}, Aggregation::kSum),
              ElementsAre(Pair(1000, 1), Pair(2000, 5), Pair(3000, 4)));
}

TEST(StepAlignerTest, AGapGivesNoValueAndNothingIsInterpolated) {
  const Samples samples = {{1000, 1}, {9000, 9}};
  EXPECT_THAT(Aligned(samples, {1000, 9000, 1000}, Aggregation::kLast),
              ElementsAre(Pair(1000, 1), Pair(9000, 9)));
}

TEST(StepAlignerTest, ACounterThatWasResetCountsFromZero) {
  const Samples samples = {{0, 90}, {1000, 100}, {2000, 4}, {3000, 10}};
  EXPECT_THAT(Aligned(samples, {3000, 3000, 3000}, Aggregation::kIncrease),
              ElementsAre(Pair(3000, 20)));
  EXPECT_THAT(Aligned(samples, {3000, 3000, 3000}, Aggregation::kDelta),
              ElementsAre(Pair(3000, -80)));
}

TEST(StepAlignerTest, ARateIsPerSecondOfTheTimeBetweenTheSamples) {
  const Samples samples = {{0, 0}, {1200, 12}, {2000, 20}};
  EXPECT_THAT(Aligned(samples, {1000, 2000, 1000}, Aggregation::kRate),
              ElementsAre(Pair(2000, 10)));
}

TEST(StepAlignerTest, AStaleMarkerEndsTheSeries) {
  const Samples samples = {{1000, 1}, {1500, StaleMarker()}, {2000, 5}, {2500, 7}};
  EXPECT_THAT(Aligned(samples, {1500, 2500, 500}, Aggregation::kLast),
              ElementsAre(Pair(2000, 5), Pair(2500, 7)));
  EXPECT_THAT(Aligned(samples, {3000, 3000, 3000}, Aggregation::kCount),
              ElementsAre(Pair(3000, 3)));
  EXPECT_THAT(Aligned(samples, {3000, 3000, 3000}, Aggregation::kIncrease),
              ElementsAre(Pair(3000, 2)));
}

TEST(StepAlignerTest, ThePairAfterALongGapDoesNotCount) {
  const Samples samples = {{0, 0}, {300'001, 50}, {300'002, 51}};
  EXPECT_THAT(Aligned(samples, {300'000, 600'000, 1000}, Aggregation::kIncrease),
              ElementsAre(Pair(301'000, 1)));
}

TEST(StepAlignerTest, NanIsTreatedAsByPrometheus) {
  const Samples samples = {{1, kNan}, {2, 3}, {3, kNan}, {4, 1}};
  const StepGrid grid = {4, 4, 10};
  EXPECT_THAT(Aligned(samples, grid, Aggregation::kMin), ElementsAre(Pair(4, 1)));
  EXPECT_THAT(Aligned(samples, grid, Aggregation::kMax), ElementsAre(Pair(4, 3)));
  EXPECT_THAT(Aligned(samples, grid, Aggregation::kCount), ElementsAre(Pair(4, 4)));
  EXPECT_TRUE(std::isnan(Aligned(samples, grid, Aggregation::kSum).at(0).second));
  EXPECT_TRUE(std::isnan(Aligned({{1, kNan}}, grid, Aggregation::kMin).at(0).second));
}

TEST(StepAlignerTest, AnEndlessGridEndsWithTheSamples) {
  const int64_t never = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(Aligned({{1000, 1}}, {0, never, 1000}, Aggregation::kLast),
              ElementsAre(Pair(1000, 1)));
  EXPECT_THAT(Aligned({}, {0, never, 1000}, Aggregation::kLast), IsEmpty());
}

}  // namespace
}  // namespace grayling

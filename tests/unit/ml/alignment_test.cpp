#include "ml/core/alignment.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <optional>

namespace grayling {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

double Cell(const Aligner& aligner, const std::vector<double>& row, const std::string& column) {
  const auto& columns = aligner.columns();
  const auto found = std::find(columns.begin(), columns.end(), column);
  return found == columns.end() ? -1 : row[found - columns.begin()];
}

TEST(Alignment, ARowTakesTheLastSampleOfItsStep) {
  Aligner aligner(1);
  aligner.AddSeries(0, "g");
  aligner.Push(0, 1900, 9);
  aligner.Push(0, 1200, 2);
  aligner.Push(0, 2001, 7);  // belongs to the next row
  std::vector<double> row;
  aligner.Emit(2, row);
  EXPECT_EQ(row[0], 9);
  aligner.Emit(3, row);
  EXPECT_EQ(row[0], 7);
}

TEST(Alignment, TheStepIsOpenAtItsBeginAndClosedAtItsEnd) {
  Aligner aligner(1);
  aligner.AddSeries(0, "g");
  aligner.AddSeries(1, "h");
  aligner.Push(0, 1000, 1);
  aligner.Push(1, 2000, 2);
  std::vector<double> row;
  aligner.Emit(2, row);
  EXPECT_TRUE(std::isnan(row[0]));
  EXPECT_EQ(row[1], 2);
}

TEST(Alignment, ASilentSeriesIsMissingNotCarriedOn) {
  Aligner aligner(1);
  aligner.AddSeries(0, "g");
  aligner.Push(0, 1500, 1);
  std::vector<double> row;
  aligner.Emit(2, row);
  aligner.Emit(3, row);
  EXPECT_TRUE(std::isnan(row[0]));
}

TEST(Alignment, ARateSpansAGapByItsTrueTime) {
  Aligner aligner(1);
  aligner.AddSeries(0, "c_total");
  std::vector<double> row;
  aligner.Push(0, 1000, 10);
  aligner.Emit(1, row);
  EXPECT_TRUE(std::isnan(row[0]));
  aligner.Emit(2, row);
  EXPECT_TRUE(std::isnan(row[0]));
  aligner.Push(0, 2500, 40);
  aligner.Emit(3, row);
  EXPECT_EQ(row[0], 20);
}

TEST(Alignment, ACounterThatFellIsMissingOnce) {
  Aligner aligner(1);
  aligner.AddSeries(0, "c_total");
  std::vector<double> row;
  std::vector<double> rates;
  for (const auto& [time_s, value] : std::map<int, double>{{1, 10}, {2, 20}, {3, 4}, {4, 9}}) {
    aligner.Push(0, time_s * 1000, value);
    aligner.Emit(time_s, row);
    rates.push_back(row[0]);
  }
  EXPECT_EQ(rates[1], 10);
  EXPECT_TRUE(std::isnan(rates[2]));
  EXPECT_EQ(rates[3], 5);
}

TEST(Alignment, AHistogramGivesMeanAndRateOverTheSeriesThatShareIt) {
  Aligner aligner(1);
  aligner.AddSeries(0, R"(h_sum{instance="a",service="s"})");
  aligner.AddSeries(1, R"(h_count{instance="a",service="s"})");
  aligner.AddSeries(2, R"(h_sum{instance="b",service="s"})");
  aligner.AddSeries(3, R"(h_count{instance="b",service="s"})");
  std::vector<double> row;
  for (uint32_t id = 0; id < 4; ++id) aligner.Push(id, 1000, 0);
  aligner.Emit(1, row);
  const std::vector<double> second = {6, 3, 2, 1};
  for (uint32_t id = 0; id < 4; ++id) aligner.Push(id, 2000, second[id]);
  aligner.Emit(2, row);
  EXPECT_EQ(Cell(aligner, row, "s/h_rate"), 4);
  EXPECT_EQ(Cell(aligner, row, "s/h_mean"), 2);
}

TEST(Alignment, AMeanWithoutNewObservationsIsMissing) {
  Aligner aligner(1);
  aligner.AddSeries(0, "h_sum");
  aligner.AddSeries(1, "h_count");
  std::vector<double> row;
  for (int time_s = 1; time_s <= 2; ++time_s) {
    aligner.Push(0, time_s * 1000, 5);
    aligner.Push(1, time_s * 1000, 2);
    aligner.Emit(time_s, row);
  }
  EXPECT_EQ(Cell(aligner, row, "h_rate"), 0);
  EXPECT_TRUE(std::isnan(Cell(aligner, row, "h_mean")));
}

TEST(Alignment, ALoneCountHasARateAndNoMean) {
  Aligner aligner(1);
  aligner.AddSeries(0, "forks_count");
  EXPECT_EQ(aligner.columns(), std::vector<std::string>{"forks_rate"});
}

TEST(Alignment, RowsGrowWhenASeriesAppears) {
  Aligner aligner(1);
  std::vector<double> row = {1, 2, 3};
  aligner.Emit(1, row);
  EXPECT_TRUE(row.empty());
  aligner.AddSeries(70000, "g");
  aligner.Push(70000, 1500, 3);
  aligner.Emit(2, row);
  EXPECT_EQ(row, std::vector<double>{3});
}

TEST(Alignment, OfGaugesThatShareAColumnTheLatestWinsAndAtEqualTimesTheLargerId) {
  Aligner aligner(1);
  aligner.AddSeries(5, R"(g{instance="a"})");
  aligner.AddSeries(3, R"(g{instance="b"})");
  std::vector<double> row;
  aligner.Push(3, 900, 1);
  aligner.Push(5, 800, 2);
  aligner.Emit(1, row);
  EXPECT_EQ(row, std::vector<double>{1});
  aligner.Push(5, 1500, 2);
  aligner.Push(3, 1500, 1);
  aligner.Emit(2, row);
  EXPECT_EQ(row, std::vector<double>{2});
}

TEST(Alignment, ValuesThatAreNotFiniteAndUnknownSeriesAreDropped) {
  Aligner aligner(1);
  aligner.AddSeries(0, "g");
  aligner.Push(0, 1100, 4);
  aligner.Push(0, 1200, kMissing);
  aligner.Push(8, 1300, 5);
  std::vector<double> row;
  aligner.Emit(2, row);
  EXPECT_EQ(row, std::vector<double>{4});
}

// ---- The slow obvious twin: keeps every sample and looks all of them through for each row.

struct TestSample {
  uint32_t id;
  int64_t time_ms;
  double value;
};

const std::vector<std::string> kSeries = {
    "g",     R"(g{instance="b"})",       "c_total", R"(c_total{instance="b"})",
    "h_sum", R"(h_count{instance="b"})", "h_count", R"(h_sum{instance="b"})",
    "up",    R"(x{service="s"})"};

std::optional<TestSample> LastIn(const std::vector<TestSample>& samples, uint32_t id, int64_t after,
                                 int64_t until) {
  std::optional<TestSample> last;
  for (const TestSample& sample : samples) {
    if (sample.id != id || sample.time_ms <= after || sample.time_ms > until) continue;
    if (!last || sample.time_ms >= last->time_ms) last = sample;
  }
  return last;
}

std::optional<double> RateAt(const std::vector<TestSample>& samples, uint32_t id, int64_t row) {
  const auto now = LastIn(samples, id, (row - 1) * 1000, row * 1000);
  const auto before = LastIn(samples, id, -1, (row - 1) * 1000);
  if (!now || !before || now->value < before->value) return std::nullopt;
  return (now->value - before->value) * 1000 / static_cast<double>(now->time_ms - before->time_ms);
}

double SumOfRates(const std::vector<TestSample>& samples, std::vector<uint32_t> ids, int64_t row) {
  double sum = 0;
  bool any = false;
  for (const uint32_t id : ids) {
    const auto rate = RateAt(samples, id, row);
    if (rate) sum += *rate;
    any = any || rate.has_value();
  }
  return any ? sum : kMissing;
}

std::map<std::string, double> TwinRow(const std::vector<TestSample>& samples, int64_t row) {
  std::map<std::string, double> cells;
  const auto first = LastIn(samples, 0, (row - 1) * 1000, row * 1000);
  const auto second = LastIn(samples, 1, (row - 1) * 1000, row * 1000);
  const bool second_wins = second && (!first || second->time_ms >= first->time_ms);
  cells["g"] = second_wins ? second->value : first ? first->value : kMissing;
  const auto other = LastIn(samples, 9, (row - 1) * 1000, row * 1000);
  cells["s/x"] = other ? other->value : kMissing;
  cells["c_rate"] = SumOfRates(samples, {2, 3}, row);
  const double sums = SumOfRates(samples, {4, 7}, row);
  const double counts = SumOfRates(samples, {5, 6}, row);
  cells["h_rate"] = counts;
  cells["h_mean"] = counts > 0 ? sums / counts : kMissing;
  return cells;
}

bool SameBits(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || std::memcmp(&a, &b, sizeof a) == 0;
}

constexpr int64_t kRows = 8;

std::vector<TestSample> AnySamples() {
  // Quarters of a second: equal instants and exact edges of rows are common.
  return *rc::gen::container<std::vector<TestSample>>(rc::gen::build<TestSample>(
      rc::gen::set(&TestSample::id, rc::gen::inRange<uint32_t>(0, kSeries.size())),
      rc::gen::set(&TestSample::time_ms,
                   rc::gen::map(rc::gen::inRange<int64_t>(1, kRows * 4 + 1),
                                [](int64_t quarter) { return quarter * 250; })),
      rc::gen::set(&TestSample::value,
                   rc::gen::map(rc::gen::inRange(0, 50), [](int value) { return value / 7.0; }))));
}

RC_GTEST_PROP(AlignmentProperty, EqualsTheSlowTwinWhetherSamplesComeAtOnceOrRowByRow, ()) {
  const std::vector<TestSample> samples = AnySamples();
  const bool reversed = *rc::gen::arbitrary<bool>();
  Aligner batch(1), live(1);
  for (uint32_t id = 0; id < kSeries.size(); ++id) {
    batch.AddSeries(id, kSeries[id]);
    const uint32_t other = reversed ? static_cast<uint32_t>(kSeries.size()) - 1 - id : id;
    live.AddSeries(other, kSeries[other]);
  }
  for (const TestSample& sample : samples) batch.Push(sample.id, sample.time_ms, sample.value);

  std::vector<double> batch_row, live_row;
  for (int64_t row = 1; row <= kRows; ++row) {
    for (const TestSample& sample : samples) {
      if (sample.time_ms > (row - 1) * 1000 && sample.time_ms <= row * 1000) {
        live.Push(sample.id, sample.time_ms, sample.value);
      }
    }
    batch.Emit(static_cast<double>(row), batch_row);
    live.Emit(static_cast<double>(row), live_row);
    const auto expected = TwinRow(samples, row);
    RC_ASSERT(batch_row.size() == expected.size());
    for (const auto& [column, value] : expected) {
      RC_ASSERT(SameBits(Cell(batch, batch_row, column), value));
      RC_ASSERT(SameBits(Cell(live, live_row, column), value));
    }
  }
}

}  // namespace
}  // namespace grayling

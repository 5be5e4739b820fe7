#include "ml/core/resample.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <map>

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Dataset OneColumn(std::vector<double> time, const std::vector<float>& values) {
  Dataset dataset;
  dataset.period_s = 1;
  dataset.columns = {"x"};
  grayling::Run& run = dataset.runs.emplace_back();
  run.id = "run";
  run.time = std::move(time);
  run.values = Eigen::Map<const Matrix>(values.data(), static_cast<Eigen::Index>(values.size()), 1);
  run.windows = {{3, 5, "cpu", "", "g", {}, {}}};
  return dataset;
}

std::vector<float> Column(const Dataset& dataset) {
  const Matrix& values = dataset.runs[0].values;
  return {values.data(), values.data() + values.size()};
}

TEST(AlignDataset, ARowIsMadeOfTheIntervalThatEndsThere) {
  const Dataset dataset = OneColumn({8, 9, 10, 11, 20}, {1, 2, 4, 5, 6});
  const auto last = AlignDataset(dataset, 10, AlignRule::kLast);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->period_s, 10);
  EXPECT_THAT(last->runs[0].time, ElementsAre(10, 20));
  EXPECT_THAT(Column(*last), ElementsAre(4, 6));
  EXPECT_EQ(last->runs[0].windows.size(), 1u);
  EXPECT_THAT(Column(*AlignDataset(dataset, 10, AlignRule::kMean)), ElementsAre(7.0F / 3, 5.5F));
}

TEST(AlignDataset, CountersRiseSinceTheLastValueBefore) {
  const Dataset dataset = OneColumn({5, 10, 15, 20, 25}, {100, 110, 130, 140, 170});
  const std::vector<float> rise = Column(*AlignDataset(dataset, 10, AlignRule::kIncrease));
  EXPECT_TRUE(std::isnan(rise[0]));
  EXPECT_EQ(rise[1], 30);
  EXPECT_EQ(rise[2], 30);
  const std::vector<float> rate = Column(*AlignDataset(dataset, 10, AlignRule::kRate));
  EXPECT_EQ(rate[1], 3);  // 30 between 10 s and 20 s
  EXPECT_EQ(rate[2], 6);  // 30 between 20 s and 25 s
}

TEST(AlignDataset, AResetCounterIsMissingOnce) {
  const auto rise =
      Column(*AlignDataset(OneColumn({1, 2, 3, 4}, {50, 60, 2, 5}), 1, AlignRule::kIncrease));
  EXPECT_EQ(rise[1], 10);
  EXPECT_TRUE(std::isnan(rise[2]));
  EXPECT_EQ(rise[3], 3);
}

TEST(AlignDataset, MissingStaysMissingAndAGapStaysAGap) {
  const auto aligned = AlignDataset(OneColumn({1, 2, 9}, {1, kNan, 3}), 1, AlignRule::kLast);
  EXPECT_THAT(aligned->runs[0].time, ElementsAre(1, 2, 9));
  EXPECT_TRUE(std::isnan(Column(*aligned)[1]));
}

TEST(AlignDataset, RefusesAFinerGridThanTheRows) {
  const absl::Status status = AlignDataset(OneColumn({1}, {1}), 0.5, AlignRule::kLast).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("a grid of 0.5 s"));
}

TEST(AlignDataset, IsCausal) {
  EXPECT_TRUE(rc::check([] {
    const auto values =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100)));
    const auto cut =
        static_cast<size_t>(*rc::gen::inRange<int>(0, static_cast<int>(values.size())));
    const auto rule = static_cast<AlignRule>(*rc::gen::inRange(0, 4));
    const double period = *rc::gen::inRange(1, 6);
    std::vector<double> time;
    std::vector<float> all;
    for (size_t i = 0; i < values.size(); ++i) {
      time.push_back(static_cast<double>(i) + 1);
      all.push_back(static_cast<float>(values[i]));
    }
    std::vector<float> garbled = all;
    for (size_t i = cut; i < garbled.size(); ++i) garbled[i] = 1e6F;
    const auto a = AlignDataset(OneColumn(time, all), period, rule);
    const auto b = AlignDataset(OneColumn(time, garbled), period, rule);
    for (size_t r = 0; r < a->runs[0].time.size(); ++r) {
      if (a->runs[0].time[r] > static_cast<double>(cut)) break;
      const float x = Column(*a)[r], y = Column(*b)[r];
      RC_ASSERT(x == y || (std::isnan(x) && std::isnan(y)));
    }
  }));
}

TEST(AlignDataset, MeansAreThoseOfASlowTwin) {
  EXPECT_TRUE(rc::check([] {
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 5));
    const double period = *rc::gen::inRange(1, 9);
    std::vector<double> time;
    std::vector<float> values;
    double now = 1'700'000'000;
    std::map<double, std::vector<float>> slow;
    for (const int step : steps) {
      now += step;
      time.push_back(now);
      values.push_back(step % 4 == 0 ? kNan : static_cast<float>(step));
      slow[std::ceil(now / period) * period].push_back(values.back());
    }
    const auto aligned = AlignDataset(OneColumn(time, values), period, AlignRule::kMean);
    RC_ASSERT(aligned->runs[0].time.size() == slow.size());
    size_t row = 0;
    for (const auto& [end, members] : slow) {
      double sum = 0;
      int count = 0;
      for (const float value : members) {
        if (std::isnan(value)) continue;
        sum += static_cast<double>(value);
        ++count;
      }
      const float value = Column(*aligned)[row];
      RC_ASSERT(aligned->runs[0].time[row] == end);
      RC_ASSERT((count == 0 ? std::isnan(value) : value == static_cast<float>(sum / count)));
      ++row;
    }
  }));
}

TEST(ParseAlignRule, NamesTheChoices) {
  EXPECT_EQ(*ParseAlignRule("increase"), AlignRule::kIncrease);
  EXPECT_THAT(std::string(ParseAlignRule("sum").status().message()),
              HasSubstr("last, mean, rate or increase"));
}

}  // namespace
}  // namespace grayling

#include "ml/core/cleaner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace grayling {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr RowMark kNone = RowMark::kNone;
constexpr RowMark kOscillation = RowMark::kOscillation;
constexpr RowMark kSpike = RowMark::kSpike;
constexpr RowMark kShift = RowMark::kShift;

// A window of five, everything wider than half the mean is an outlier.
ColumnCleaning Sensitive() {
  ColumnCleaning column;
  column.active = true;
  column.window = 5;
  column.threshold = 0.5;
  column.epsilon = 0.01;
  return column;
}

struct Cleaned {
  std::vector<float> values;
  std::vector<RowMark> marks;
};

Cleaned Clean(const ColumnCleaning& column, std::vector<float> values) {
  auto cleaner = Cleaner::Create({column}).value();
  Cleaned result;
  for (float value : values) {
    cleaner->Step(absl::MakeSpan(&value, 1));
    result.values.push_back(value);
    result.marks.push_back(cleaner->marks()[0]);
  }
  return result;
}

TEST(Cleaner, AnIsolatedSpikeBecomesTheMedianOfTheRowsBefore) {
  const Cleaned cleaned = Clean(Sensitive(), {10, 11, 10, 12, 90, 11, 10});
  EXPECT_THAT(cleaned.values, ElementsAre(10, 11, 10, 12, 10.5, 11, 10));
  EXPECT_THAT(cleaned.marks, ElementsAre(kNone, kNone, kNone, kNone, kSpike, kNone, kNone));
}

TEST(Cleaner, ADropToNothingIsASpikeToo) {
  const Cleaned cleaned = Clean(Sensitive(), {10, 11, 10, 12, 0, 11, 10});
  EXPECT_EQ(cleaned.values[4], 10.5F);
  EXPECT_EQ(cleaned.marks[4], kSpike);
}

TEST(Cleaner, AroundZeroAndBelowItSpikesAreFoundAsWell) {
  const Cleaned cleaned = Clean(Sensitive(), {-10, -11, -10, -12, -90, -11, -10});
  EXPECT_EQ(cleaned.values[4], -10.5F);
}

TEST(Cleaner, AStepIsHeldForTheLongestSpikeAndThenPassesUnchanged) {
  const Cleaned cleaned = Clean(Sensitive(), {10, 10, 10, 10, 30, 31, 32, 33, 34, 35});
  EXPECT_THAT(cleaned.values, ElementsAre(10, 10, 10, 10, 10, 10, 32, 33, 34, 35));
  EXPECT_EQ(cleaned.marks[5], kSpike);
  EXPECT_EQ(cleaned.marks[6], kShift);
  EXPECT_EQ(cleaned.marks[9], kNone) << "the new level is the normal one by now";
}

TEST(Cleaner, WithoutALongestSpikeNothingIsEverChanged) {
  ColumnCleaning column = Sensitive();
  column.longest_spike = 0;
  const std::vector<float> values = {10, 10, 10, 10, 30, 10, 10, 10, 90, 91, 92, 93};
  const Cleaned cleaned = Clean(column, values);
  EXPECT_EQ(cleaned.values, values);
  EXPECT_EQ(cleaned.marks[4], kShift);
}

TEST(Cleaner, OneRowIsRepairedAndTheSecondPassesWhenTheLongestSpikeIsOne) {
  ColumnCleaning column = Sensitive();
  column.longest_spike = 1;
  const Cleaned cleaned = Clean(column, {10, 10, 10, 10, 30, 31, 10, 10});
  EXPECT_THAT(cleaned.values, ElementsAre(10, 10, 10, 10, 10, 31, 10, 10));
}

TEST(Cleaner, SpikesThatComeAgainAndAgainPassBecauseTheyAreNotIsolated) {
  std::vector<float> values(60, 10);
  for (size_t row = 10; row < values.size(); row += 5) values[row] = 40;
  const Cleaned cleaned = Clean(Sensitive(), values);
  EXPECT_EQ(cleaned.marks[10], kSpike);
  for (size_t row = 15; row < values.size(); row += 5) {
    EXPECT_EQ(cleaned.values[row], 40) << row;
    EXPECT_EQ(cleaned.marks[row], kShift) << row;
  }
}

TEST(Cleaner, OscillationThatTheBaselineShowsPassesUnderAStricterThreshold) {
  std::vector<float> values;
  for (int row = 0; row < 60; ++row) values.push_back(row % 2 == 0 ? 10.0F : 20.0F);
  ColumnCleaning column = Sensitive();
  column.threshold = 0.5;  // the series' own RR is about 0.67 to 0.71
  column.baseline_low = 0.6;
  column.baseline_high = 0.8;
  // The tips grow a little, so that every one is a new extreme.
  for (size_t row = 1; row < values.size(); row += 2) {
    values[row] += static_cast<float>(row) * 0.001F;
  }
  const Cleaned cleaned = Clean(column, values);
  EXPECT_EQ(std::count(cleaned.marks.begin() + 20, cleaned.marks.end(), kSpike), 0);
  EXPECT_GT(std::count(cleaned.marks.begin() + 20, cleaned.marks.end(), kOscillation), 10);
  for (size_t row = 20; row < values.size(); ++row) EXPECT_EQ(cleaned.values[row], values[row]);

  column.baseline_high = 0.55;  // a baseline that was calmer: not the same oscillation
  const Cleaned stricter = Clean(column, values);
  EXPECT_EQ(std::count(stricter.marks.begin(), stricter.marks.end(), kOscillation), 0);
}

TEST(Cleaner, ASpikeOnTopOfAnOscillationIsNoOscillation) {
  std::vector<float> values;
  for (int row = 0; row < 40; ++row) values.push_back(row % 2 == 0 ? 10.0F : 12.0F);
  values[30] = 60;
  ColumnCleaning column = Sensitive();
  column.baseline_low = 0.1;
  column.baseline_high = 5;
  const Cleaned cleaned = Clean(column, values);
  EXPECT_EQ(cleaned.marks[30], kSpike);
}

TEST(Cleaner, MissingCellsStayMissingAndTakeNoPlace) {
  const Cleaned cleaned = Clean(Sensitive(), {10, 11, kNan, 10, 12, kNan, 90, 11});
  EXPECT_TRUE(std::isnan(cleaned.values[2]));
  EXPECT_TRUE(std::isnan(cleaned.values[5]));
  EXPECT_EQ(cleaned.values[6], 10.5F);
  EXPECT_EQ(cleaned.marks[5], kNone);
}

TEST(Cleaner, AnInactiveColumnPassesBesideACleanedOne) {
  ColumnCleaning passing = Sensitive();
  passing.active = false;
  auto cleaner = Cleaner::Create({passing, Sensitive()}).value();
  for (int row = 0; row < 8; ++row) {
    std::vector<float> values = {row == 6 ? 90.0F : 10.0F, row == 6 ? 90.0F : 10.0F};
    cleaner->Step(absl::MakeSpan(values));
    if (row == 6) {
      EXPECT_THAT(values, ElementsAre(90, 10));
      EXPECT_THAT(cleaner->marks(), ElementsAre(kNone, kSpike));
    }
  }
}

TEST(Cleaner, SmallChangesOfATinyLevelMarkNothing) {
  ColumnCleaning column = Sensitive();
  column.least_range = 1;
  EXPECT_THAT(Clean(column, {0, 0, 0.1F, 0, 0.9F, 0, 0, 0.5F}).marks, Each(kNone));
}

TEST(Cleaner, SettingsOutOfRangeAreRefusedByColumn) {
  ColumnCleaning column = Sensitive();
  column.window = 1;
  const auto refused = Cleaner::Create({Sensitive(), column});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("column 1"));
  column = Sensitive();
  column.longest_spike = 3;
  EXPECT_FALSE(Cleaner::Create({column}).ok());
  column = Sensitive();
  column.epsilon = 0;
  EXPECT_FALSE(Cleaner::Create({column}).ok());
  column = Sensitive();
  column.threshold = kNan;
  EXPECT_FALSE(Cleaner::Create({column}).ok());
}

std::vector<float> RandomSeries() {
  const auto codes = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 40));
  std::vector<float> values;
  for (const int code : codes) {
    values.push_back(code == 0   ? kNan
                     : code > 36 ? static_cast<float>(code) * 10
                                 : 100.0F + static_cast<float>(code));
  }
  return values;
}

RC_GTEST_PROP(CleanerProperty, RowsToComeChangeNothing, ()) {
  const std::vector<float> values = RandomSeries();
  const size_t cut = *rc::gen::inRange<size_t>(0, values.size() + 1);
  const Cleaned whole = Clean(Sensitive(), values);
  const Cleaned part =
      Clean(Sensitive(), {values.begin(), values.begin() + static_cast<std::ptrdiff_t>(cut)});
  for (size_t row = 0; row < cut; ++row) {
    RC_ASSERT(part.marks[row] == whole.marks[row]);
    RC_ASSERT(part.values[row] == whole.values[row] || std::isnan(whole.values[row]));
  }
}

RC_GTEST_PROP(CleanerProperty, OnlySpikesChangeAndNeverMoreThanTwoOfTwelve, ()) {
  const std::vector<float> values = RandomSeries();
  const Cleaned cleaned = Clean(Sensitive(), values);
  std::vector<size_t> repaired;  // counted in values, not rows
  size_t present = 0;
  for (size_t row = 0; row < values.size(); ++row) {
    if (std::isnan(values[row])) continue;
    ++present;
    if (cleaned.marks[row] == kSpike) {
      repaired.push_back(present);
    } else {
      RC_ASSERT(cleaned.values[row] == values[row]);
    }
  }
  for (size_t i = 2; i < repaired.size(); ++i) RC_ASSERT(repaired[i] - repaired[i - 2] >= 11u);
}

RC_GTEST_PROP(CleanerProperty, AResetForgetsEverything, ()) {
  auto cleaner = Cleaner::Create({Sensitive()}).value();
  const std::vector<float> values = RandomSeries();
  for (float value : RandomSeries()) cleaner->Step(absl::MakeSpan(&value, 1));
  cleaner->Reset();
  const Cleaned fresh = Clean(Sensitive(), values);
  for (size_t row = 0; row < values.size(); ++row) {
    float value = values[row];
    cleaner->Step(absl::MakeSpan(&value, 1));
    RC_ASSERT(value == fresh.values[row] || std::isnan(value));
    RC_ASSERT(cleaner->marks()[0] == fresh.marks[row]);
  }
}

}  // namespace
}  // namespace grayling

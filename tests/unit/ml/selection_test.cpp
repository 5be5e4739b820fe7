#include "ml/core/selection.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <random>

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr SelectionCriterion kBoth[] = {SelectionCriterion::kMutualInformationDifference,
                                        SelectionCriterion::kFRatioQuotient};

std::vector<int> Columns(const std::vector<SelectedFeature>& picks) {
  std::vector<int> columns;
  for (const SelectedFeature& pick : picks) columns.push_back(pick.column);
  return columns;
}

// Alternating classes; columns filled by `make(row, label)`.
struct Table {
  Matrix values;
  std::vector<int> labels;
};

template <typename Make>
Table MakeTable(int rows, int columns, Make make) {
  Table table{Matrix(rows, columns), {}};
  for (int r = 0; r < rows; ++r) {
    table.labels.push_back(r % 2);
    for (int c = 0; c < columns; ++c) table.values(r, c) = make(r, c, r % 2);
  }
  return table;
}

// Noise, strong signal, its copy, weak independent signal, constant.
Table Typical() {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  Table table = MakeTable(600, 5, [&](int, int, int) { return normal(random); });
  for (int r = 0; r < 600; ++r) {
    const auto label = static_cast<float>(table.labels[static_cast<size_t>(r)]);
    table.values(r, 1) += 3 * label;
    table.values(r, 2) = table.values(r, 1);
    table.values(r, 3) += 2 * label;
    table.values(r, 4) = 5;
  }
  return table;
}

TEST(FeatureSelection, PicksTheMostTellingColumnFirstAndItsCopyNever) {
  const Table table = Typical();
  for (const SelectionCriterion criterion : kBoth) {
    const auto picks = SelectFeatures(table.values, table.labels, {5, 5, criterion, 0});
    ASSERT_GE(picks.size(), 2U);
    EXPECT_EQ(picks[0].column, 1);
    EXPECT_EQ(picks[1].column, 3);
    for (const SelectedFeature& pick : picks) EXPECT_NE(pick.column, 2);
  }
}

TEST(FeatureSelection, NeverPicksAConstant) {
  const Table table = Typical();
  for (const SelectionCriterion criterion : kBoth) {
    for (const auto& pick : SelectFeatures(table.values, table.labels, {5, 5, criterion, 0})) {
      EXPECT_NE(pick.column, 4);
    }
  }
}

TEST(FeatureSelection, PicksNothingWhenNothingIsRelevant) {
  const Table table = MakeTable(40, 3, [](int, int, int) { return 1.0F; });
  for (const SelectionCriterion criterion : kBoth) {
    EXPECT_THAT(SelectFeatures(table.values, table.labels, {3, 5, criterion, 0}), IsEmpty());
  }
}

TEST(FeatureSelection, PicksNothingFromOneClass) {
  Table table = Typical();
  std::fill(table.labels.begin(), table.labels.end(), 1);
  for (const SelectionCriterion criterion : kBoth) {
    EXPECT_THAT(SelectFeatures(table.values, table.labels, {3, 5, criterion, 0}), IsEmpty());
  }
}

TEST(FeatureSelection, BreaksTiesByTheLowerColumn) {
  // Columns 0 and 1 are each other's mirror: equally relevant, equally redundant.
  const Table table = MakeTable(
      100, 2, [](int, int c, int label) { return static_cast<float>(c == 0 ? label : -label); });
  for (const SelectionCriterion criterion : kBoth) {
    EXPECT_THAT(Columns(SelectFeatures(table.values, table.labels, {1, 5, criterion, 0})),
                ElementsAre(0));
  }
}

TEST(FeatureSelection, GivesWhatThereIsWhenAskedForMore) {
  const Table table = MakeTable(
      100, 1, [](int r, int, int label) { return static_cast<float>(label * 4 + r % 3); });
  for (const SelectionCriterion criterion : kBoth) {
    EXPECT_THAT(SelectFeatures(table.values, table.labels, {50, 5, criterion, 0}), SizeIs(1));
  }
}

TEST(FeatureSelection, LeavesOutWhatIsHardlyRelevantWhenAsked) {
  const Table table = Typical();
  for (const SelectionCriterion criterion : kBoth) {
    for (const auto& pick : SelectFeatures(table.values, table.labels, {5, 5, criterion, 0.1})) {
      EXPECT_NE(pick.column, 0) << "noise";
    }
  }
}

TEST(FeatureSelection, LeavesMissingValuesOut) {
  Table table = Typical();
  for (int r = 0; r < 600; r += 7) table.values(r, 1) = table.values(r, 2) = kNan;
  for (const SelectionCriterion criterion : kBoth) {
    EXPECT_EQ(SelectFeatures(table.values, table.labels, {1, 5, criterion, 0}).at(0).column, 1);
  }
}

TEST(FeatureSelection, MutualInformationSeesAChangeOfSpreadThatTheFTestCannot) {
  // Column 0 widens with the class, its mean stays; column 1 is noise.
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  const Table table = MakeTable(800, 2, [&](int, int c, int label) {
    return normal(random) * (c == 0 && label == 1 ? 6.0F : 1.0F);
  });
  const auto picks = SelectFeatures(table.values, table.labels,
                                    {1, 5, SelectionCriterion::kMutualInformationDifference, 0});
  ASSERT_THAT(picks, SizeIs(1));
  EXPECT_EQ(picks[0].column, 0);
  EXPECT_GT(picks[0].relevance, 0.1);
}

TEST(QuantileBins, GivesTheZerosOfASparseCounterABinOfTheirOwn) {
  std::vector<float> counter(90, 0.0F);
  for (int i = 1; i <= 10; ++i) counter.push_back(static_cast<float>(i));
  const std::vector<uint8_t> codes = QuantileBins(counter, 5);
  for (size_t i = 0; i < 90; ++i) EXPECT_EQ(codes[i], codes[0]);
  for (size_t i = 90; i < 100; ++i) EXPECT_NE(codes[i], codes[0]);
  EXPECT_NE(codes[90], codes[99]);
}

TEST(QuantileBins, MarksMissingValues) {
  EXPECT_THAT(QuantileBins(std::vector<float>{1, kNan, 1}, 5), ElementsAre(4, kMissingBin, 4));
}

TEST(QuantileBins, CopesWithFewerDistinctValuesThanBins) {
  EXPECT_TRUE(rc::check("every code is below the number of bins and equal values share one", [] {
    const auto values = *rc::gen::container<std::vector<float>>(rc::gen::inRange(-3, 4));
    const int bins = *rc::gen::inRange(1, 10);
    const std::vector<uint8_t> codes = QuantileBins(values, bins);
    RC_ASSERT(codes.size() == values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      RC_ASSERT(codes[i] < bins);
      for (size_t j = 0; j < i; ++j) RC_ASSERT((values[i] != values[j]) || codes[i] == codes[j]);
    }
  }));
}

// I(a;b) = H(a) + H(b) - H(a,b), counted the slow way.
double SlowInformation(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  const auto entropy = [](const std::vector<int>& codes) {
    double sum = 0;
    for (const int code : codes) {
      const auto same = static_cast<double>(std::count(codes.begin(), codes.end(), code));
      sum -= std::log(same / static_cast<double>(codes.size()));
    }
    return sum / static_cast<double>(codes.size());
  };
  const std::vector<int> x(a.begin(), a.end());
  const std::vector<int> y(b.begin(), b.end());
  std::vector<int> pairs;
  for (size_t i = 0; i < a.size(); ++i) pairs.push_back(x[i] * 100 + y[i]);
  return entropy(x) + entropy(y) - entropy(pairs);
}

TEST(MutualInformation, EqualsTheSumOfEntropies) {
  EXPECT_TRUE(rc::check("fast and slow agree, in both directions", [] {
    const auto n = *rc::gen::inRange<size_t>(1, 60);
    const auto codes = rc::gen::container<std::vector<uint8_t>>(n, rc::gen::inRange<uint8_t>(0, 5));
    const std::vector<uint8_t> a = *codes;
    const std::vector<uint8_t> b = *codes;
    RC_ASSERT(std::abs(MutualInformation(a, b) - SlowInformation(a, b)) < 1e-9);
    RC_ASSERT(std::abs(MutualInformation(a, b) - MutualInformation(b, a)) < 1e-12);
  }));
}

// The criteria as printed: every pair anew in every round.
std::vector<int> SlowMutualInformationPicks(const Table& table, int count) {
  std::vector<std::vector<uint8_t>> codes;
  for (Eigen::Index c = 0; c < table.values.cols(); ++c) {
    std::vector<float> column(static_cast<size_t>(table.values.rows()));
    Eigen::VectorXf::Map(column.data(), table.values.rows()) = table.values.col(c);
    codes.push_back(QuantileBins(column, 5));
  }
  const std::vector<uint8_t> classes(table.labels.begin(), table.labels.end());
  std::vector<int> picks;
  while (static_cast<int>(picks.size()) < count) {
    int best = -1;
    double best_score = 0;
    for (int c = 0; c < static_cast<int>(codes.size()); ++c) {
      if (std::count(picks.begin(), picks.end(), c) > 0) continue;
      const auto& mine = codes[static_cast<size_t>(c)];
      const double distinct =
          1.0 + *std::max_element(mine.begin(), mine.end());  // no gaps for continuous values
      double score = MutualInformation(mine, classes) -
                     (distinct - 1) / (2 * static_cast<double>(classes.size()));
      if (score <= 0) continue;
      for (const int pick : picks) {
        score -= MutualInformation(mine, codes[static_cast<size_t>(pick)]) /
                 static_cast<double>(picks.size());
      }
      if (best < 0 || score > best_score) {
        best = c;
        best_score = score;
      }
    }
    if (best < 0) break;
    picks.push_back(best);
  }
  return picks;
}

TEST(FeatureSelection, AccumulatedRedundancyGivesThePicksOfTheFormula) {
  EXPECT_TRUE(rc::check("same picks as recomputing every pair", [] {
    const auto seed = *rc::gen::arbitrary<uint32_t>();
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    const Table table = MakeTable(200, 8, [&](int, int c, int label) {
      return normal(random) + static_cast<float>(label * c) * 0.3F;
    });
    const auto picks = SelectFeatures(table.values, table.labels,
                                      {5, 5, SelectionCriterion::kMutualInformationDifference, 0});
    RC_ASSERT(Columns(picks) == SlowMutualInformationPicks(table, 5));
  }));
}

}  // namespace
}  // namespace grayling

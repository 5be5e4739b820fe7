#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "ml/core/selection.h"
#include "ml/core/selection_relevance.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;

struct Table {
  Matrix values;
  std::vector<int> labels;
};

// 300 rows, 30 columns: every third tells the classes apart, more so the later it comes; every
// fifth resembles its neighbour. Knuth's generator, so that other languages can make it too.
Table GoldenTable() {
  Table table{Matrix(300, 30), {}};
  uint64_t state = 42;
  for (Eigen::Index r = 0; r < 300; ++r) {
    table.labels.push_back(static_cast<int>(r % 2));
    for (Eigen::Index c = 0; c < 30; ++c) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      table.values(r, c) = static_cast<float>(state >> 40) / static_cast<float>(1 << 24);
    }
    for (Eigen::Index c = 0; c < 30; ++c) {
      if (c % 3 == 0 && r % 2 == 1) table.values(r, c) += 0.02F * static_cast<float>(c);
      if (c % 5 == 4) {
        table.values(r, c) = table.values(r, c - 1) * 0.5F + table.values(r, c) * 0.5F;
      }
    }
  }
  return table;
}

std::vector<int> Picks(const Table& table, const SelectionSettings& settings) {
  std::vector<int> columns;
  for (const auto& pick : SelectFeatures(table.values, table.labels, settings)) {
    columns.push_back(pick.column);
  }
  return columns;
}

SelectionSettings Settings(SelectionCriterion criterion, int count) {
  SelectionSettings settings;
  settings.criterion = criterion;
  settings.count = count;
  return settings;
}

constexpr SelectionCriterion kAll[] = {
    SelectionCriterion::kMutualInformationDifference,
    SelectionCriterion::kMutualInformationQuotient, SelectionCriterion::kFRatioQuotient,
    SelectionCriterion::kFRatioDifference, SelectionCriterion::kForestQuotient};

// mrmr_classif(X, y, K=12) of mrmr_selection 0.2.8 on the same numbers.
TEST(TheFRatioQuotient, PicksWhatMrmrSelectionPicks) {
  EXPECT_THAT(Picks(GoldenTable(), Settings(SelectionCriterion::kFRatioQuotient, 12)),
              ElementsAre(27, 21, 18, 24, 15, 19, 12, 9, 6, 3, 29, 10));
}

TEST(TheFRatio, IsScikitLearnsAnovaF) {
  const Table table = GoldenTable();
  const std::vector<float> column(table.values.col(27).begin(), table.values.col(27).end());
  EXPECT_NEAR(FRatio(column, table.labels), 288.8925771939, 1e-4);
}

TEST(NestedSets, GrowByOnePickAtATime) {
  const Table table = GoldenTable();
  for (const SelectionCriterion criterion : kAll) {
    const std::vector<int> all = Picks(table, Settings(criterion, 10));
    for (int count = 1; count <= 10; ++count) {
      const std::vector<int> some = Picks(table, Settings(criterion, count));
      ASSERT_LE(some.size(), all.size());
      EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
    }
  }
}

TEST(TheNumberOfThreads, ChangesNothing) {
  const Table table = GoldenTable();
  for (const SelectionCriterion criterion : kAll) {
    SelectionSettings settings = Settings(criterion, 12);
    const auto alone = SelectFeatures(table.values, table.labels, settings);
    settings.threads = 5;
    const auto many = SelectFeatures(table.values, table.labels, settings);
    ASSERT_EQ(alone.size(), many.size());
    for (size_t i = 0; i < alone.size(); ++i) {
      EXPECT_EQ(alone[i].column, many[i].column);
      EXPECT_EQ(alone[i].score, many[i].score);
    }
  }
}

TEST(EveryCriterion, FindsAStrongColumnFirst) {
  for (const SelectionCriterion criterion : kAll) {
    EXPECT_THAT(Picks(GoldenTable(), Settings(criterion, 1)), ElementsAre(27));
  }
}

TEST(EveryRelevance, FindsAStrongColumnFirst) {
  for (const SelectionRelevance relevance :
       {SelectionRelevance::kFRatio, SelectionRelevance::kMutualInformation,
        SelectionRelevance::kKolmogorovSmirnov, SelectionRelevance::kForest}) {
    SelectionSettings settings = Settings(SelectionCriterion::kFRatioQuotient, 1);
    settings.relevance = relevance;
    EXPECT_THAT(Picks(GoldenTable(), settings), ElementsAre(27));
  }
}

TEST(KolmogorovSmirnov, IsTheLargestDistanceOfTheDistributions) {
  const std::vector<int> labels = {0, 0, 0, 0, 1, 1, 1, 1};
  const std::vector<float> apart = {1, 2, 3, 4, 5, 6, 7, 8};
  const std::vector<float> mixed = {1, 2, 5, 6, 1, 5, 6, 7};
  const std::vector<float> equal(8, 3.0F);
  EXPECT_DOUBLE_EQ(KolmogorovSmirnov(apart, labels), 1);
  EXPECT_DOUBLE_EQ(KolmogorovSmirnov(mixed, labels), 0.25);
  EXPECT_DOUBLE_EQ(KolmogorovSmirnov(equal, labels), 0);
}

TEST(KolmogorovSmirnov, SeesAChangeOfSpread) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  Table table{Matrix(800, 2), {}};
  for (int r = 0; r < 800; ++r) {
    table.labels.push_back(r % 2);
    table.values(r, 0) = normal(random);
    table.values(r, 1) = normal(random) * (r % 2 == 0 ? 1.0F : 6.0F);
  }
  SelectionSettings settings = Settings(SelectionCriterion::kFRatioQuotient, 1);
  settings.relevance = SelectionRelevance::kKolmogorovSmirnov;
  EXPECT_THAT(Picks(table, settings), ElementsAre(1));
}

}  // namespace
}  // namespace grayling

#include "daemon/campaign/ordering.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

std::vector<ExperimentCell> FullMatrix(int kinds, int services, int loads, int budget) {
  std::vector<ExperimentCell> cells;
  for (int load = 0; load < loads; ++load) {
    for (int kind = 0; kind < kinds; ++kind) {
      for (int service = 0; service < services; ++service) {
        cells.push_back({absl::StrCat("k", kind), absl::StrCat("s", service), "1",
                         absl::StrCat("l", load), budget, 0});
      }
    }
  }
  return cells;
}

std::vector<CellVisit> RoundRobin(const std::vector<ExperimentCell>& cells, uint64_t seed) {
  return OrderCells(cells, WindowOrder::kRoundRobinBudget, seed, 3);
}

TEST(Ordering, SequentialKeepsTheOrderOfTheCells) {
  EXPECT_EQ(OrderCells(FullMatrix(2, 1, 1, 2), WindowOrder::kSequential, 9, 2),
            (std::vector<CellVisit>{{0, 0}, {1, 0}, {0, 1}, {1, 1}}));
}

TEST(Ordering, ACellWithABudgetOfItsOwnIsSpreadOverTheRepetitions) {
  std::vector<ExperimentCell> cells = FullMatrix(1, 1, 1, 3);
  cells.insert(cells.begin(), {"none", "", "0", "l0", 4, 0});
  EXPECT_EQ(OrderCells(cells, WindowOrder::kSequential, 1, 3),
            (std::vector<CellVisit>{{0, 0}, {0, 0}, {1, 0}, {0, 1}, {1, 1}, {0, 2}, {1, 2}}));
}

TEST(Ordering, RoundRobinIsTheSameEverywhere) {
  // Written down once: another standard library or compiler must not change it.
  const std::vector<CellVisit> visits = RoundRobin(FullMatrix(2, 2, 1, 1), 7);
  std::vector<size_t> cells;
  for (const CellVisit& visit : visits) cells.push_back(visit.cell);
  EXPECT_EQ(cells, (std::vector<size_t>{1, 2, 0, 3}));
}

TEST(Ordering, RoundRobinTakesRareCellsFirst) {
  std::vector<ExperimentCell> cells = FullMatrix(3, 1, 1, 3);
  cells[0].covered = 2;
  cells[1].covered = 3;
  const std::vector<CellVisit> visits = RoundRobin(cells, 1);
  EXPECT_EQ(visits, (std::vector<CellVisit>{{2, 0}, {2, 1}, {0, 2}, {2, 2}}))
      << "cell 2 catches up, cell 1 has no budget left";
}

TEST(Ordering, RoundRobinOfNothingOrOfCoveredCellsIsEmpty) {
  EXPECT_TRUE(RoundRobin({}, 1).empty());
  std::vector<ExperimentCell> cells = FullMatrix(2, 2, 1, 2);
  for (ExperimentCell& cell : cells) cell.covered = 5;
  EXPECT_TRUE(RoundRobin(cells, 1).empty());
}

// The promise, checked from outside: wherever a campaign is cut short, no cell with budget left is
// rarer than the cell of the last window was before it.
TEST(Ordering, AtAnyPrefixTheNextWindowGoesToARarestCellWithBudgetLeft) {
  const bool holds = rc::check("rarest first", [] {
    std::vector<ExperimentCell> cells =
        FullMatrix(*rc::gen::inRange(1, 5), *rc::gen::inRange(1, 4), *rc::gen::inRange(1, 3), 0);
    int64_t wanted = 0;
    for (ExperimentCell& cell : cells) {
      cell.budget = *rc::gen::inRange(0, 6);
      cell.covered = *rc::gen::inRange(0, 6);
      wanted += std::max(0, cell.budget - cell.covered);
    }
    std::vector<int> counts;
    for (const ExperimentCell& cell : cells) counts.push_back(cell.covered);
    const std::vector<CellVisit> visits = RoundRobin(cells, *rc::gen::arbitrary<uint64_t>());
    RC_ASSERT(static_cast<int64_t>(visits.size()) == wanted);
    for (const CellVisit& visit : visits) {
      RC_ASSERT(counts[visit.cell] < cells[visit.cell].budget);
      for (size_t other = 0; other < cells.size(); ++other) {
        if (counts[other] < cells[other].budget) RC_ASSERT(counts[visit.cell] <= counts[other]);
      }
      RC_ASSERT(visit.repetition == counts[visit.cell] % 3);
      ++counts[visit.cell];
    }
  });
  EXPECT_TRUE(holds);
}

TEST(Ordering, CutShortAnywhereCellsWithBudgetLeftAreAtMostOneWindowApart) {
  const bool holds = rc::check("balanced prefixes", [] {
    std::vector<ExperimentCell> cells =
        FullMatrix(*rc::gen::inRange(1, 5), *rc::gen::inRange(1, 4), *rc::gen::inRange(1, 3), 0);
    for (ExperimentCell& cell : cells) cell.budget = *rc::gen::inRange(0, 6);
    std::vector<int> counts(cells.size());
    for (const CellVisit& visit : RoundRobin(cells, *rc::gen::arbitrary<uint64_t>())) {
      ++counts[visit.cell];
      int least = INT_MAX;
      int most = 0;
      for (size_t cell = 0; cell < cells.size(); ++cell) {
        if (counts[cell] >= cells[cell].budget) continue;
        least = std::min(least, counts[cell]);
        most = std::max(most, counts[cell]);
      }
      RC_ASSERT(most == 0 || most - least <= 1);
    }
  });
  EXPECT_TRUE(holds);
}

TEST(Ordering, CutShortAnywhereTheKindsOfAFullMatrixAreAtMostOneWindowApart) {
  const bool holds = rc::check("balanced kinds", [] {
    const int kinds = *rc::gen::inRange(1, 6);
    const std::vector<ExperimentCell> cells =
        FullMatrix(kinds, *rc::gen::inRange(1, 5), *rc::gen::inRange(1, 4), 3);
    std::map<std::string, int> counts;
    for (const ExperimentCell& cell : cells) counts[cell.kind] = 0;
    for (const CellVisit& visit : RoundRobin(cells, *rc::gen::arbitrary<uint64_t>())) {
      ++counts[cells[visit.cell].kind];
      const auto [least, most] =
          std::minmax_element(counts.begin(), counts.end(),
                              [](const auto& a, const auto& b) { return a.second < b.second; });
      RC_ASSERT(most->second - least->second <= 1);
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace grayling

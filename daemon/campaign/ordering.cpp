#include "daemon/campaign/ordering.h"

#include <array>
#include <map>
#include <random>
#include <utility>

namespace grayling {
namespace {

// Fisher-Yates by hand: std::shuffle may differ between standard libraries, a plan's order may not.
template <typename T>
void Shuffle(std::vector<T>& items, std::mt19937_64& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random() % i]);
}

// How many of the cell's windows the repetition holds.
int WindowsIn(const ExperimentCell& cell, int repetition, int repetitions) {
  return cell.budget / repetitions + (repetition < cell.budget % repetitions ? 1 : 0);
}

std::vector<CellVisit> ByRepetition(const std::vector<ExperimentCell>& cells, bool shuffled,
                                    uint64_t seed, int repetitions) {
  std::mt19937_64 random(seed);
  std::vector<CellVisit> visits;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    std::vector<CellVisit> round;
    for (size_t cell = 0; cell < cells.size(); ++cell) {
      const int windows = WindowsIn(cells[cell], repetition, repetitions);
      for (int i = 0; i < windows; ++i) round.push_back({cell, repetition});
    }
    if (shuffled) Shuffle(round, random);
    visits.insert(visits.end(), round.begin(), round.end());
  }
  return visits;
}

// Counts windows of cells and of the classes that they are members of.
class Rotation {
 public:
  Rotation(const std::vector<ExperimentCell>& cells, uint64_t seed) : cells_(cells) {
    std::array<std::map<std::string, size_t>, kClasses> known;
    for (const ExperimentCell& cell : cells) {
      const std::array<const std::string*, kClasses> names = {&cell.kind, &cell.service, &cell.load,
                                                              &cell.intensity};
      std::array<size_t, kClasses> ids{};
      for (size_t i = 0; i < kClasses; ++i) {
        ids[i] = known[i].emplace(*names[i], known[i].size()).first->second;
      }
      members_.push_back(ids);
      counts_.push_back(cell.covered);
    }
    for (size_t i = 0; i < kClasses; ++i) class_counts_[i].resize(known[i].size());
    for (size_t cell = 0; cell < cells.size(); ++cell) CountClasses(cell, cells[cell].covered);

    std::vector<size_t> order(cells.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::mt19937_64 random(seed);
    Shuffle(order, random);
    rank_.resize(order.size());
    for (size_t i = 0; i < order.size(); ++i) rank_[order[i]] = i;
  }

  // The cell that is due and how often it was visited before; its count grows. False at the end.
  bool Next(size_t& cell, int& before) {
    bool found = false;
    for (size_t candidate = 0; candidate < cells_.size(); ++candidate) {
      if (counts_[candidate] >= cells_[candidate].budget) continue;
      if (!found || IsRarer(candidate, cell)) cell = candidate;
      found = true;
    }
    if (!found) return false;
    before = counts_[cell]++;
    CountClasses(cell, 1);
    return true;
  }

 private:
  static constexpr size_t kClasses = 4;

  bool IsRarer(size_t a, size_t b) const {
    if (counts_[a] != counts_[b]) return counts_[a] < counts_[b];
    for (size_t i = 0; i < kClasses; ++i) {
      const int64_t of_a = class_counts_[i][members_[a][i]];
      const int64_t of_b = class_counts_[i][members_[b][i]];
      if (of_a != of_b) return of_a < of_b;
    }
    return rank_[a] < rank_[b];
  }

  void CountClasses(size_t cell, int windows) {
    for (size_t i = 0; i < kClasses; ++i) class_counts_[i][members_[cell][i]] += windows;
  }

  const std::vector<ExperimentCell>& cells_;
  std::vector<int> counts_;
  std::vector<std::array<size_t, kClasses>> members_;
  std::array<std::vector<int64_t>, kClasses> class_counts_;
  std::vector<size_t> rank_;
};

}  // namespace

std::vector<CellVisit> OrderCells(const std::vector<ExperimentCell>& cells, WindowOrder order,
                                  uint64_t seed, int repetitions) {
  if (order != WindowOrder::kRoundRobinBudget) {
    return ByRepetition(cells, order == WindowOrder::kRandom, seed, repetitions);
  }
  Rotation rotation(cells, seed);
  std::vector<CellVisit> visits;
  size_t cell = 0;
  int before = 0;
  while (rotation.Next(cell, before)) visits.push_back({cell, before % repetitions});
  return visits;
}

}  // namespace grayling

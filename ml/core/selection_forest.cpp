#include "ml/core/selection_forest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>

#include "ml/core/selection_parallel.h"

namespace grayling {
namespace {

constexpr size_t kTrees = 100;
constexpr int kDepth = 5;
constexpr size_t kMostRows = 4096;
constexpr size_t kLeastRows = 4;
constexpr size_t kBins = 64;

// n times the Gini impurity: n - sum of squares / n.
double Impurity(const std::vector<double>& counts) {
  double n = 0;
  double squares = 0;
  for (const double count : counts) {
    n += count;
    squares += count * count;
  }
  return n == 0 ? 0 : n - squares / n;
}

class Tree {
 public:
  Tree(absl::Span<const std::vector<uint8_t>> codes, absl::Span<const int> labels, size_t classes,
       uint64_t seed)
      : codes_(codes), labels_(labels), classes_(classes), random_(seed) {}

  std::vector<double> Importance() {
    importance_.assign(codes_.size(), 0);
    std::vector<uint32_t> rows(std::min(labels_.size(), kMostRows));
    for (uint32_t& row : rows) row = static_cast<uint32_t>(random_() % labels_.size());
    Grow(absl::MakeSpan(rows), 0);
    return std::move(importance_);
  }

 private:
  struct Split {
    double gain = 0;
    size_t column = 0;
    size_t last_left = 0;  // bins up to this one go left
  };

  static size_t Bin(uint8_t code) { return std::min<size_t>(code, kBins - 1); }

  void TryColumn(size_t column, absl::Span<const uint32_t> rows, double impurity, Split& best) {
    table_.assign(kBins * classes_, 0);
    for (const uint32_t row : rows) {
      table_[Bin(codes_[column][row]) * classes_ + static_cast<size_t>(labels_[row])] += 1;
    }
    std::vector<double> left(classes_, 0);
    std::vector<double> right(classes_, 0);
    for (size_t i = 0; i < table_.size(); ++i) right[i % classes_] += table_[i];
    for (size_t bin = 0; bin + 1 < kBins; ++bin) {
      bool moved = false;
      for (size_t c = 0; c < classes_; ++c) {
        const double count = table_[bin * classes_ + c];
        moved = moved || count > 0;
        left[c] += count;
        right[c] -= count;
      }
      if (!moved) continue;
      const double gain = impurity - Impurity(left) - Impurity(right);
      if (gain > best.gain + 1e-12) best = {gain, column, bin};
    }
  }

  void Grow(absl::Span<uint32_t> rows, int depth) {
    if (depth == kDepth || rows.size() < kLeastRows) return;
    std::vector<double> counts(classes_, 0);
    for (const uint32_t row : rows) counts[static_cast<size_t>(labels_[row])] += 1;
    const double impurity = Impurity(counts);
    if (impurity <= 0) return;
    const auto tries = static_cast<size_t>(std::ceil(std::sqrt(codes_.size())));
    Split best;
    for (size_t i = 0; i < tries; ++i) {
      TryColumn(random_() % codes_.size(), rows, impurity, best);
    }
    if (best.gain <= 0) return;
    importance_[best.column] += best.gain;
    const auto middle = std::partition(rows.begin(), rows.end(), [&](uint32_t row) {
      return Bin(codes_[best.column][row]) <= best.last_left;
    });
    const auto left = static_cast<size_t>(middle - rows.begin());
    Grow(rows.subspan(0, left), depth + 1);
    Grow(rows.subspan(left), depth + 1);
  }

  absl::Span<const std::vector<uint8_t>> codes_;
  absl::Span<const int> labels_;
  size_t classes_;
  std::mt19937_64 random_;
  std::vector<double> importance_;
  std::vector<double> table_;
};

}  // namespace

std::vector<double> ForestImportance(absl::Span<const std::vector<uint8_t>> codes,
                                     absl::Span<const int> labels, uint64_t seed, int threads) {
  std::vector<double> importance(codes.size(), 0);
  if (codes.empty() || labels.empty()) return importance;
  const size_t classes = static_cast<size_t>(*std::max_element(labels.begin(), labels.end())) + 1;
  std::vector<std::vector<double>> trees(kTrees);
  ForEachInParallel(kTrees, threads, [&](size_t i) {
    trees[i] = Tree(codes, labels, classes, seed + i).Importance();
  });
  for (const std::vector<double>& tree : trees) {
    for (size_t c = 0; c < importance.size(); ++c) importance[c] += tree[c];
  }
  const double total = std::accumulate(importance.begin(), importance.end(), 0.0);
  if (total > 0) {
    for (double& share : importance) share /= total;
  }
  return importance;
}

}  // namespace grayling

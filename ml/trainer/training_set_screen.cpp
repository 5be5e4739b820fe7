#include "ml/trainer/training_set_screen.h"

#include <algorithm>
#include <numeric>

namespace grayling {

std::vector<FeatureScreen::Sums>& FeatureScreen::SumsOf(const std::string& label) {
  for (Kind& kind : kinds_) {
    if (kind.label == label) return kind.sums;
  }
  kinds_.push_back({label, std::vector<Sums>(healthy_.size())});
  return kinds_.back().sums;
}

void FeatureScreen::Add(absl::Span<const float> values, const StreamLabels& labels, size_t row) {
  if (labels.weights[row] < 1) return;
  std::vector<Sums>& sums = labels.targets[row] > 0.5F ? SumsOf(labels.kind[row]) : healthy_;
  for (size_t f = 0; f < values.size(); ++f) {
    const double x = values[f];
    sums[f].n += 1;
    sums[f].sum += x;
    sums[f].squares += x * x;
  }
}

double FeatureScreen::FRatio(const Sums& a, const Sums& b) const {
  const double n = a.n + b.n;
  if (a.n < 1 || b.n < 1 || n < 3) return 0;
  const double total = a.sum + b.sum;
  const double between = a.sum * a.sum / a.n + b.sum * b.sum / b.n - total * total / n;
  const double spread = a.squares + b.squares - total * total / n;
  if (spread <= 0) return 0;
  return between / std::max(spread - between, 1e-9 * spread) * (n - 2);
}

std::vector<size_t> FeatureScreen::Ranking() const {
  std::vector<std::vector<size_t>> orders;
  for (const Kind& kind : kinds_) {
    std::vector<double> ratio;
    for (size_t f = 0; f < healthy_.size(); ++f) {
      ratio.push_back(FRatio(healthy_[f], kind.sums[f]));
    }
    std::vector<size_t> order(healthy_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return ratio[a] > ratio[b]; });
    orders.push_back(std::move(order));
  }
  std::vector<size_t> ranking;
  std::vector<bool> taken(healthy_.size(), false);
  for (size_t turn = 0; turn < healthy_.size(); ++turn) {
    for (const std::vector<size_t>& order : orders) {
      if (taken[order[turn]]) continue;
      taken[order[turn]] = true;
      ranking.push_back(order[turn]);
    }
  }
  return ranking;
}

}  // namespace grayling

#include "ml/trainer/fit_trials.h"

#include <algorithm>
#include <cmath>

namespace grayling {
namespace {
constexpr int kMostCheckpoints = 12;
}  // namespace

std::vector<int> CheckpointEpochs(int epochs) {
  const int step = std::max(1, (epochs + kMostCheckpoints - 1) / kMostCheckpoints);
  std::vector<int> checkpoints;
  for (int epoch = step; epoch < epochs; epoch += step) checkpoints.push_back(epoch);
  checkpoints.push_back(epochs);
  return checkpoints;
}

size_t Trial::common_checkpoints() const {
  size_t common = static_cast<size_t>(kMostCheckpoints) + 1;
  for (const auto& checkpoints : pr_auc) common = std::min(common, checkpoints.size());
  return common;
}

size_t SteadyMaximum(absl::Span<const double> values) {
  size_t best = 0;
  double best_value = -1;
  for (size_t i = 0; i < values.size(); ++i) {
    const double before = values[i > 0 ? i - 1 : i];
    const double after = values[i + 1 < values.size() ? i + 1 : i];
    const double smooth = (before + 2 * values[i] + after) / 4;
    if (smooth > best_value) {
      best = i;
      best_value = smooth;
    }
  }
  return best;
}

Quality QualityAt(const Trial& trial, size_t checkpoint) {
  std::vector<double> folds;
  for (const auto& checkpoints : trial.pr_auc) {
    if (checkpoint >= checkpoints.size() || std::isnan(checkpoints[checkpoint])) continue;
    folds.push_back(checkpoints[checkpoint]);
  }
  Quality quality;
  if (folds.empty()) return quality;
  const auto n = static_cast<double>(folds.size());
  for (const double value : folds) quality.mean += value / n;
  double squares = 0;
  for (const double value : folds) squares += (value - quality.mean) * (value - quality.mean);
  if (folds.size() > 1) quality.standard_error = std::sqrt(squares / (n - 1) / n);
  return quality;
}

size_t SmallestWithinOneStandardError(absl::Span<const Quality> qualities) {
  const auto best =
      std::max_element(qualities.begin(), qualities.end(),
                       [](const Quality& a, const Quality& b) { return a.mean < b.mean; });
  for (size_t i = 0; i < qualities.size(); ++i) {
    if (qualities[i].mean >= best->mean - best->standard_error) return i;
  }
  return 0;
}

}  // namespace grayling

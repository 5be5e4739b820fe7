#include "ml/core/localisation_metrics.h"

#include <algorithm>
#include <cmath>

namespace grayling {

void LocalisationAccuracy::Add(size_t rank) {
  ++events_;
  for (size_t k = 1; k <= within_.size(); ++k) within_[k - 1] += rank >= 1 && rank <= k ? 1 : 0;
}

double LocalisationAccuracy::At(int k) const {
  if (events_ == 0 || k < 1 || k > static_cast<int>(within_.size())) return std::nan("");
  return static_cast<double>(within_[static_cast<size_t>(k) - 1]) / events_;
}

double LocalisationAccuracy::Average() const {
  double sum = 0;
  for (int k = 1; k <= static_cast<int>(within_.size()); ++k) sum += At(k);
  return sum / static_cast<double>(within_.size());
}

size_t RankOf(absl::string_view service, absl::Span<const std::string> ranking) {
  const auto found = std::find(ranking.begin(), ranking.end(), service);
  return found == ranking.end() ? 0 : static_cast<size_t>(found - ranking.begin()) + 1;
}

}  // namespace grayling

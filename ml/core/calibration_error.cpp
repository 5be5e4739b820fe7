#include "ml/core/calibration_error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace grayling {
namespace {

constexpr size_t kBins = 15;

struct Bin {
  double scores = 0;
  double positives = 0;
};

}  // namespace

CalibrationError MeasureCalibration(absl::Span<const float> scores,
                                    const std::vector<bool>& positive) {
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  if (scores.empty()) return {kUndefined, kUndefined};
  std::array<Bin, kBins> bins;
  CalibrationError error;
  for (size_t i = 0; i < scores.size(); ++i) {
    const double score = static_cast<double>(scores[i]);
    if (!(score >= 0 && score <= 1)) return {kUndefined, kUndefined};
    const double label = positive[i] ? 1 : 0;
    Bin& bin = bins[std::min(static_cast<size_t>(score * kBins), kBins - 1)];
    bin.scores += score;
    bin.positives += label;
    error.brier += (score - label) * (score - label);
  }
  // (rows in bin / rows) * |mean label - mean score|: the bin's size cancels.
  for (const Bin& bin : bins) error.expected += std::abs(bin.positives - bin.scores);
  const double rows = static_cast<double>(scores.size());
  return {error.expected / rows, error.brier / rows};
}

}  // namespace grayling

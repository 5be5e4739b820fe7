#pragma once

#include <vector>

#include "absl/types/span.h"

namespace grayling {

// How far scores are from being probabilities.
struct CalibrationError {
  double expected = 0;  // ECE (Naeini et al., AAAI 2015): mean over rows of |share - score| per bin
  double brier = 0;     // mean squared distance of score and label (Brier 1950)
};

// Over 15 bins of equal width. Both NaN when a score lies outside 0..1 or there are no rows.
CalibrationError MeasureCalibration(absl::Span<const float> scores,
                                    const std::vector<bool>& positive);

}  // namespace grayling

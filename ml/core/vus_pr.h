#pragma once

#include <vector>

#include "absl/types/span.h"

namespace grayling {

// Volume under the range-aware precision-recall surface (Paparrizos et al., VLDB 2022), in the form
// that TSB-AD computes (Liu and Paparrizos, NeurIPS 2024, `RangeAUC_volume_opt`): the mean over
// windows l = 0..`window` rows of the average precision against labels that fade over l / 2 rows on
// both sides of each labelled segment, times the share of segments that hold a prediction.
// `scores` (numbers) and `positive` have one entry per row of one series, in order of time. NaN
// when no row is positive or there are no rows. `thresholds` >= 2, `window` >= 0. O(n log n +
// segments * window^2): all windows and thresholds share prefix sums. Pure.
double VusPr(absl::Span<const float> scores, const std::vector<bool>& positive, int window,
             int thresholds = 250);

}  // namespace grayling

#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/core/evaluation.h"

namespace grayling {

// A threshold that bounds the share of missed events.
struct ConformalThreshold {
  double threshold = 0;  // alarm when score >= threshold
  double miss_rate = 0;  // P(miss) <= miss_rate for a new event
  int events = 0;        // calibration events
  int rank = 0;          // the threshold is the rank-th smallest of their largest scores
};

// Split conformal prediction on events (Vovk et al. 2005): with n calibration events whose scores
// come from models that did not see them, the k-th smallest of their largest scores, where
// k = floor(miss_rate * (n + 1)), misses a new event with probability at most miss_rate. This holds
// for events that are exchangeable with the calibration events: not for new fault kinds, and only
// for an alarm in every row at or over the threshold, without votes.
// INVALID_ARGUMENT when miss_rate is not in (0, 1); FAILED_PRECONDITION when the events are too few
// (k = 0), with the number that is needed.
absl::StatusOr<ConformalThreshold> FitConformalThreshold(std::vector<double> event_maxima,
                                                         double miss_rate);

// The largest score of each event of the runs, over its rows in [start, end + grace).
std::vector<double> EventMaxima(absl::Span<const ScoredRun> runs, double grace_s);

}  // namespace grayling

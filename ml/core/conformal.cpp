#include "ml/core/conformal.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "ml/core/evaluation_parts.h"

namespace grayling {
namespace {

// Keeps 0.29 * 100 from falling below 29.
constexpr double kRounding = 1e-9;

}  // namespace

absl::StatusOr<ConformalThreshold> FitConformalThreshold(std::vector<double> event_maxima,
                                                         double miss_rate) {
  if (!(miss_rate > 0 && miss_rate < 1)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "a promised miss rate of %g makes no sense; choose one between 0 and 1", miss_rate));
  }
  const int events = static_cast<int>(event_maxima.size());
  const int rank = static_cast<int>(std::floor(miss_rate * (events + 1) + kRounding));
  if (rank < 1) {
    return absl::FailedPreconditionError(absl::StrFormat(
        "%d calibration events are too few to promise a miss rate of at most %g: %d are needed; "
        "record more faults or accept a higher miss rate",
        events, miss_rate, static_cast<int>(std::ceil(1 / miss_rate - kRounding)) - 1));
  }
  std::nth_element(event_maxima.begin(), event_maxima.begin() + (rank - 1), event_maxima.end());
  return ConformalThreshold{event_maxima[static_cast<size_t>(rank - 1)], miss_rate, events, rank};
}

std::vector<double> EventMaxima(absl::Span<const ScoredRun> runs, double grace_s) {
  std::vector<double> maxima;
  for (const ScoredRun& scored : runs) {
    const std::vector<double>& time = scored.run->time;
    for (const EventOutcome& event : OutcomesOfEvents(scored, grace_s)) {
      double largest = static_cast<double>(scored.scores[event.first_row]);
      for (size_t row = event.first_row; row < time.size() && time[row] < event.end; ++row) {
        largest = std::max(largest, static_cast<double>(scored.scores[row]));
      }
      maxima.push_back(largest);
    }
  }
  return maxima;
}

}  // namespace grayling

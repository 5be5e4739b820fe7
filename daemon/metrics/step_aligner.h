#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// What becomes of a window's samples. The words are those of the command line.
enum class Aggregation { kLast, kMean, kMin, kMax, kSum, kCount, kRate, kIncrease, kDelta };

// The instants first_ms + k * step_ms that are not after last_ms.
struct StepGrid {
  int64_t first_ms = 0;
  int64_t last_ms = 0;
  int64_t step_ms = 1000;  // positive
};

// One value per instant t of a grid from the samples of one series in (t - step, t].
//
// last, mean, min, max, sum and count see the window's own samples. Stale markers are not samples:
// no mean or count has them in it. A marker that is the window's newest entry leaves the window
// without a last, since the series has ended there. NaN is treated as Prometheus's *_over_time
// functions treat it (https://prometheus.io/docs/prometheus/latest/querying/functions/): it counts,
// makes a sum or a mean NaN, and is the min or max of a window only when all of its values are NaN.
//
// increase, rate and delta work on pairs of neighbouring samples; a pair belongs to the window of
// its later sample, so the earlier one may lie before the window, and the increases of adjacent
// windows add up to the increase of the whole. A pair never spans a stale marker, nor more than
// LongestPair(step): the first sample after a gap begins anew.
//   increase  the sum over the pairs of b - a, or of b where b < a: Prometheus's rule for a counter
//             that was reset (promql/functions.go, extrapolatedRate). No value is extrapolated to
//             the window's edges as Prometheus does: whole counts stay whole.
//   rate      the increase divided by the seconds that its pairs span.
//   delta     the sum of b - a, for a gauge.
// A window without a value (or without a pair) gives none: nothing is interpolated.
//
// Immutable; Align may be called from several threads.
class StepAligner {
 public:
  StepAligner(const StepGrid& grid, Aggregation aggregation)
      : grid_(grid), aggregation_(aggregation) {}

  // The later of a pair's samples is at most this much after the earlier one: five minutes,
  // Prometheus's lookback, or one step where that is longer.
  static int64_t LongestPairMs(int64_t step_ms);

  // The first instant whose samples matter to the grid: reading from here is enough.
  int64_t ReadFromMs() const;
  // The instant after the last one that matters.
  int64_t ReadToMs() const;

  // Replaces `times_ms` and `values` by the grid's instants that have a value. One pass.
  void Align(const SeriesSamples& samples, std::vector<int64_t>& times_ms,
             std::vector<double>& values) const;

 private:
  const StepGrid grid_;
  const Aggregation aggregation_;
};

}  // namespace grayling

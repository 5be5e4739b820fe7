#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace grayling {

// What a network input is made of. `x` is the standardised signal (scale.h) of one stream at one
// row, `u` the same without the squash; all state is causal and counts rows, not seconds, so that
// rows of 1 s and of 5 min are treated alike. A missing value repeats the last one for at most 5
// rows, then counts as the median, 0.
enum class FeatureKind {
  kValue,  // value(s): x
  kFast,   // fast(s):  f_t = f + 0.4 * (x - f): the level of the last rows
  kShift,  // shift(s): fast - slow, slow_t = w + 0.02 * (x - w): what changed, whatever the load
  kPeak,   // peak(s):  the x of largest magnitude in the last 5 rows: sparse counters, short stalls
  kPeer,   // peer(s):  fast minus the median fast of the other streams (IASO, Panorama: peers share
           // load)
  kEdge,   // edge(s):  fast of the callers' latency minus the mean fast of the callee's own
           // latencies: what its clients see and the service itself does not

  kSlope,        // slope(s): rise of the least-squares line through the last 8 x
  kRatio,        // ratio(s): (b - a) / max(|a|, |b|, scale), a and b the raw means of the last 16
                 // rows' older and newer half (half-frame ratio, guarded)
  kEwma,         // ewma(s): fast - medium, medium_t = m + 0.1 * (x - m)
  kRobustZ,      // robust_z(s): u against median and MAD of the 30 rows before the newest 5
  kLongZ,        // long_z(s): the same with every fourth of the 120 rows before the newest 30
  kSinceChange,  // since_change(s): exp(-n / 16), n rows since the last |robust_z| > 3; 0: never
  kSpread,       // spread(s): log of the EWMA of |u_t - u_{t-1}| (at most 8) at rate 0.25 over
                 // that at 0.02, both plus 0.1
  kTail,         // tail(s): share of the last 16 rows with |x| > 3

  // The offered load of a stream is the first signal of class load (feature_signal.h) among its
  // own, else among its edges', else the whole system's.
  kPerLoad,   // per_load(s): log of (|signal| + scale) / (|load| + scale), both raw and in scales;
              // EWMA at rate 0.4 minus that at 0.02
  kResidual,  // residual(s): x minus its running least-squares line on the offered load's x
              // (LoadLine, feature_reference.h; the load-conditioned residual of Perseus)
  kLagged,    // lagged(s): correlation of x with the offered load one row before, last 16 rows

  // Over all signals of a stream; the argument names what is taken of each: robust_z, long_z (both
  // smoothed at rate 0.4) or fast. They carry over to services and metrics never seen before.
  kLargest,  // largest(v): max |v|
  kTop,      // top(v): mean of the three largest |v|
  kShare,    // share(v): share of signals with |v| > 3
  kRise,     // rise(c): largest robust_z of the class c: latency, error or resource
  kSystemLargest,
  kSystemTop,
  kSystemShare,
  kSystemRise,     // the same over all streams and the whole system's signals
  kObservability,  // observability(gap): observability.h
};

// One input of the network. A signal is a metric as a stream sees it: `metric` of the service
// itself, `edge:metric` as its callers see it (mean over callers), `context:metric` of the whole
// system. The aggregates have a fixed word instead.
struct FeatureSpec {
  FeatureKind kind = FeatureKind::kValue;
  std::string signal;
};

// Whether the kind is taken over all signals of a stream or of the system.
bool IsAggregate(FeatureKind kind);

// "shift(edge:duration_mean)" and back. INVALID_ARGUMENT for anything else.
std::string FeatureName(const FeatureSpec& feature);
absl::StatusOr<FeatureSpec> ParseFeature(absl::string_view name);

// Kinds of one signal, in a fixed order.
std::vector<FeatureKind> SignalKinds();

// The aggregates' arguments: of kLargest, kTop, kShare; and of kRise.
inline constexpr absl::string_view kAggregated[] = {"robust_z", "long_z", "fast"};
inline constexpr absl::string_view kRising[] = {"latency", "error", "resource"};
inline constexpr absl::string_view kObservabilityGap = "gap";

}  // namespace grayling

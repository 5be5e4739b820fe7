#include "daemon/calibration/client_stretch.h"

#include <limits>

namespace grayling {
namespace {

void FillLatencies(const LatencyHistogram& latencies, ClientStretch& stretch) {
  const bool answered = latencies.count() > 0;
  const auto in_ms = [answered](absl::Duration latency) {
    return answered ? absl::ToDoubleMilliseconds(latency)
                    : std::numeric_limits<double>::quiet_NaN();
  };
  stretch.mean_ms = in_ms(latencies.Mean());
  stretch.p50_ms = in_ms(latencies.Quantile(0.5));
  stretch.p95_ms = in_ms(latencies.Quantile(0.95));
  stretch.p99_ms = in_ms(latencies.Quantile(0.99));
}

}  // namespace

ClientStretch WatchClients(LoadGenerator& load, Clock& clock, int seconds,
                           const absl::Notification& stop) {
  const LoadStatistics first = load.Statistics();
  const LatencyHistogram latencies_before = load.Latencies();
  const absl::Time start = clock.Now();
  ClientStretch stretch;
  LoadStatistics last = first;
  absl::Time last_time = start;
  for (int second = 1; second <= seconds; ++second) {
    if (!clock.SleepUntil(start + absl::Seconds(second), stop)) break;
    const LoadStatistics now = load.Statistics();
    const absl::Time time = clock.Now();
    const auto good =
        static_cast<double>((now.requests - now.errors) - (last.requests - last.errors));
    stretch.good_per_second.push_back(good / absl::ToDoubleSeconds(time - last_time));
    last = now;
    last_time = time;
  }
  const uint64_t requests = last.requests - first.requests;
  if (requests > 0) {
    stretch.error_percent =
        100.0 * static_cast<double>(last.errors - first.errors) / static_cast<double>(requests);
  }
  LatencyHistogram latencies = load.Latencies();
  latencies.Subtract(latencies_before);
  FillLatencies(latencies, stretch);
  return stretch;
}

}  // namespace grayling

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/load/latency_histogram.h"
#include "daemon/load/load_generator.h"
#include "daemon/load/petclinic_mix.h"

namespace grayling {

// A series' canonical text and its value. Seconds for times, 1/s for rates.
using LoadSample = std::pair<std::string, double>;

struct RequestOutcome {
  size_t route = 0;
  bool error = false;  // no answer, a late one, or another status than the plan expects
  // From the request's start to the answer's last byte. Missing when nothing answered and nothing
  // timed out (refused, reset): a refusal in 1 ms must not look like a fast answer.
  std::optional<absl::Duration> latency;
  uint64_t response_bytes = 0;  // of the body
};

// What the clients have seen: totals since the load began, and the distribution of the present
// second. Thread-safe.
//
// Series of a report (a time is left out, not 0, when nothing was answered in the second):
//   client_requests_total, client_errors_total, client_requests_per_second, client_users,
//   client_latency_seconds_mean, client_latency_seconds{quantile="0.5"|"0.95"|"0.99"},
//   client_route_latency_seconds_mean{route="get_owner"|...}
class LoadMeter {
 public:
  // Routes are PetClinic's, in the order of PetclinicRoute.
  LoadMeter();
  // Routes that are named later by AddRoute().
  struct NoRoutes {};
  explicit LoadMeter(NoRoutes);

  // The route that outcomes name from now on. `label` stands in the series as it is: escaped.
  size_t AddRoute(std::string label);
  // `outcome.route` must be known.
  void Count(const RequestOutcome& outcome);
  // Ends the present second, which lasted `elapsed` (> 0), and begins the next.
  std::vector<LoadSample> EndSecond(absl::Duration elapsed, uint32_t users);
  // Totals up to now; rate and quantiles of the last ended second, NaN quantiles when it saw no
  // answer, and before the first has ended. `running` is left false.
  LoadStatistics Statistics() const;
  // Of all answers since the load began.
  LatencyHistogram Latencies() const;

 private:
  struct RouteSum {
    std::string label;
    absl::Duration latency = absl::ZeroDuration();
    uint64_t answers = 0;
  };

  mutable absl::Mutex mutex_;
  LoadStatistics statistics_ ABSL_GUARDED_BY(mutex_);
  LatencyHistogram histogram_ ABSL_GUARDED_BY(mutex_);  // of the present second
  LatencyHistogram all_ ABSL_GUARDED_BY(mutex_);
  std::vector<RouteSum> routes_ ABSL_GUARDED_BY(mutex_);
  absl::Duration latency_sum_ ABSL_GUARDED_BY(mutex_);
  uint64_t requests_this_second_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace grayling

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

namespace grayling {

// A series' canonical text and its value. Seconds for times, 1/s for rates.
using LoadSample = std::pair<std::string, double>;

// The route of a request that was given up before it was chosen.
inline constexpr size_t kNoRoute = ~size_t{0};

struct RequestOutcome {
  size_t route = 0;
  bool error = false;  // no answer, a late one, or another status than the plan expects
  // To the answer's last byte, from the request's start; with an open model from the instant at
  // which it should have started (no coordinated omission). Missing when nothing answered and
  // nothing timed out (refused, reset): a refusal in 1 ms must not look like a fast answer.
  std::optional<absl::Duration> latency;
  uint64_t response_bytes = 0;  // of the body
};

// What the clients have seen: totals since the load began, and the distribution of the present
// second. Thread-safe.
//
// client_users are the users of a closed loop, or the requests in flight of an open one.
//
// Series of a report (a time is left out, not 0, when nothing was answered in the second; a route
// without a request so far is left out):
//   client_requests_total, client_errors_total, client_requests_per_second, client_users,
//   client_offered_requests_per_second, client_late_requests_total,
//   client_latency_seconds_mean, client_latency_seconds{quantile="0.5"|"0.95"|"0.99"},
//   client_route_latency_seconds_mean{route="get_owner"|...},
//   client_route_latency_seconds{quantile="0.5"|"0.95"|"0.99",route=...},
//   client_route_requests_per_second{route=...}, client_route_errors_total{route=...}
class LoadMeter {
 public:
  explicit LoadMeter(const std::vector<std::string>& routes = {});

  // The number by which outcomes name this route from now on. `name` stands in the series as it is:
  // escaped.
  size_t AddRoute(absl::string_view name);
  // `outcome.route` must be known.
  void Count(const RequestOutcome& outcome);
  // So many requests became due, and so many of them could not be sent at once.
  void CountOffered(uint64_t offered, uint64_t late);
  void CountSent();
  // Ends the present second, which lasted `elapsed` (> 0), and begins the next.
  std::vector<LoadSample> EndSecond(absl::Duration elapsed, uint32_t users);
  // Totals up to now; rate and quantiles of the last ended second, NaN quantiles when it saw no
  // answer, and before the first has ended. `running` is left false.
  LoadStatistics Statistics() const;
  // Of all answers since the load began.
  LatencyHistogram Latencies() const;

 private:
  struct Route {
    std::string mean_series;
    std::string rate_series;
    std::string errors_series;
    std::vector<std::string> quantile_series;
    LatencyHistogram latencies;  // of the present second
    absl::Duration latency;      // their exact sum
    uint64_t requests = 0;       // of the present second
    uint64_t errors = 0;
    bool used = false;
  };

  void ReportRoute(absl::Duration elapsed, Route& route, std::vector<LoadSample>& report)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  LoadStatistics statistics_ ABSL_GUARDED_BY(mutex_);
  LatencyHistogram histogram_ ABSL_GUARDED_BY(mutex_);  // of the present second
  LatencyHistogram all_ ABSL_GUARDED_BY(mutex_);
  std::vector<Route> routes_ ABSL_GUARDED_BY(mutex_);
  absl::Duration latency_sum_ ABSL_GUARDED_BY(mutex_);
  uint64_t requests_this_second_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t offered_this_second_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace grayling

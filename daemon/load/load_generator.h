#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/load/latency_histogram.h"
#include "daemon/load/request_mix.h"

namespace grayling {

enum class LoadModel {
  kClosed,  // each user sends, waits for the answer, thinks, and sends again
  kOpen,    // requests arrive at a rate of their own, whatever the answers do
};
enum class ArrivalKind { kPoisson, kConstant };
// All with the settings' mean, cut at 0. Gaussian and uniform have the settings' deviation (a
// uniform one reaches sqrt(3) deviations to either side); an exponential one needs none.
enum class ThinkTimeKind { kGaussian, kConstant, kExponential, kUniform };

struct LoadSettings {
  std::string base_url;  // http://127.0.0.1:PORT, no trailing slash
  LoadModel model = LoadModel::kClosed;
  uint32_t users = 10;  // closed
  ThinkTimeKind think_time_kind = ThinkTimeKind::kGaussian;
  absl::Duration think_time_mean = absl::Milliseconds(300);
  absl::Duration think_time_deviation = absl::Milliseconds(100);
  double rate = 10;  // open: requests per second
  ArrivalKind arrivals = ArrivalKind::kPoisson;
  // Open: requests that wait for an answer at one time. One that arrives beyond them is late.
  uint32_t most_in_flight = 500;
  // Closed: the users enter evenly over it. Open: the rate grows evenly over it.
  absl::Duration ramp_up = absl::Seconds(5);
  absl::Duration request_timeout = absl::Seconds(10);
  std::string mix = "petclinic";  // a name; with an own mix, only for people
  RequestMix own_mix = RequestMix();
  uint64_t seed = 1;

  // When set, JMeter runs this plan instead of the built-in generator: an absolute path on the
  // daemon's machine. The settings above reach it as properties (see jmeter_command.h).
  std::string jmeter_plan = {};
  std::map<std::string, std::string> jmeter_properties = {};  // more of them; they win
};

struct LoadStatistics {
  bool running = false;
  uint64_t requests = 0;
  uint64_t errors = 0;
  double requests_per_second = 0;  // over the last full second
  double p50_ms = 0;               // over the last full second
  double p95_ms = 0;
  double p99_ms = 0;
  double mean_ms = 0;           // of all answers since the load began; NaN before the first
  uint64_t answers = 0;         // requests that were answered or timed out
  uint64_t response_bytes = 0;  // bodies of all answers since the load began
  uint64_t offered = 0;         // requests that were due, sent or not
  uint64_t late = 0;  // of the offered: not sent at their instant, for want of a free connection
  double offered_per_second = 0;  // over the last full second
  std::string failure = {};       // why the load is of no worth, in a sentence; empty: it is not
};

// The seam to "put load on the application". Thread-safe. One load at a time.
class LoadGenerator {
 public:
  virtual ~LoadGenerator() = default;
  // FAILED_PRECONDITION when a load runs already; INVALID_ARGUMENT for bad settings.
  virtual absl::Status Start(const LoadSettings& settings) = 0;
  // Returns when the last request has ended. OK when nothing runs.
  virtual absl::Status Stop() = 0;
  virtual LoadStatistics Statistics() = 0;
  virtual LoadSettings Settings() = 0;
  // Latencies of all answers since the load began. A load that was started anew begins at none.
  virtual LatencyHistogram Latencies() = 0;
};

}  // namespace grayling

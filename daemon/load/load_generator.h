#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/load/latency_histogram.h"

namespace grayling {

// A closed loop: each user sends, waits for the answer, thinks, and sends again.
struct LoadSettings {
  std::string base_url;  // http://127.0.0.1:PORT, no trailing slash
  uint32_t users = 10;
  absl::Duration think_time_mean = absl::Milliseconds(300);
  absl::Duration think_time_deviation = absl::Milliseconds(100);  // Gaussian, cut at 0
  absl::Duration ramp_up = absl::Seconds(5);
  absl::Duration request_timeout = absl::Seconds(10);
  std::string mix = "petclinic";
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
  std::string failure = {};     // why the load is of no worth, in a sentence; empty: it is not
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

#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

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
};

}  // namespace grayling

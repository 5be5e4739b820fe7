#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace grayling {

// What a system's ordinary monitoring reads of a VM at one moment.
struct ObserverReading {
  struct Service {
    std::string health;         // as its container says: healthy, unhealthy, none
    uint64_t memory_bytes = 0;  // working set
    uint64_t limit_bytes = 0;   // 0 = none
  };
  double cpu_busy_ticks = 0;
  double cpu_all_ticks = 0;
  double memory_available_share = 1;
  std::map<std::string, Service> services;
  std::vector<std::string> silent_endpoints;  // health endpoints that gave no 2xx, and why
};

// The seam to that monitoring.
class Observer {
 public:
  virtual ~Observer() = default;
  // UNAVAILABLE or DEADLINE_EXCEEDED when the VM does not answer at all.
  virtual absl::StatusOr<ObserverReading> Read(const std::string& vm) = 0;
};

// What that monitoring would raise an alarm about between two readings, by the rules that come with
// most of them: a health endpoint or a container that is not healthy, a service that is gone, more
// than 90 % of the CPU time used, less than 10 % of the memory available, a container above 90 % of
// its memory limit that was not above it before. Empty: all is well, says the observer.
std::vector<std::string> AlarmsBetween(const ObserverReading& before, const ObserverReading& after);

}  // namespace grayling

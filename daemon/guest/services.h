#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/guest/executor.h"

namespace grayling {

// Path of our one tool inside every guest.
inline constexpr char kProbePath[] = "/opt/grayling/grayling-probe";

// One container of the application, as found in the guest.
struct GuestService {
  std::string name;
  std::string container_id;
  std::string image;
  int pid = 0;
  std::string cgroup_path;  // /sys/fs/cgroup/...
  std::string veth;         // host's end, in the guest's root namespace
  std::string bridge;
  std::string ip_address;
  std::string health;
};

// Asks the probe (`grayling-probe containers`) which containers run. UNAVAILABLE or the probe's own
// sentence when it fails.
absl::StatusOr<std::vector<GuestService>> DiscoverServices(Executor& executor);

// The one named `service`. NOT_FOUND names those that exist.
absl::StatusOr<GuestService> FindService(Executor& executor, const std::string& service);

struct MeasuredOffset {
  absl::Duration offset;       // guest clock minus host clock
  absl::Duration uncertainty;  // the true offset lies at most this far away
};

// From the exchange with the shortest round trip of several; half of it is the uncertainty.
absl::StatusOr<MeasuredOffset> MeasureClockOffset(Executor& executor);

}  // namespace grayling

#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "base/clock.h"
#include "daemon/calibration/client_stretch.h"
#include "daemon/calibration/slo.h"
#include "daemon/load/load_generator.h"

namespace grayling {

struct LoadLimitRequest {
  LoadSettings settings = {};  // of a closed loop; `users` is what is looked for
  Slo limits = {};             // what clients must be granted
  uint32_t first_users = 5;
  uint32_t most_users = 500;
  int look_s = 20;  // how long each number is looked at, after its ramp-up
};

// One number of users, looked at.
struct LoadLimitPoint {
  uint32_t users = 0;
  ClientStretch clients = {};
  std::string broken = {};  // the limits that were broken, for people; empty: kept
};

// Looks for the largest number of users whose clients keep the limits: doubles the users until a
// limit breaks, then halves the interval between the largest that kept them and the smallest that
// did not, until it is one user or a twentieth wide. A number that breaks a limit is looked at
// twice, and breaks it only when both looks say so: one hiccup decides nothing. `visit` sees every
// look. Each look is a load of its own, started and stopped here.
//
// Returns that number; 0 when not even one user is borne. INVALID_ARGUMENT for an open loop or
// numbers out of order; the generator's error; CANCELLED when `stop` is notified.
absl::StatusOr<uint32_t> FindLoadLimit(const LoadLimitRequest& request, LoadGenerator& load,
                                       Clock& clock, const absl::Notification& stop,
                                       const std::function<void(const LoadLimitPoint&)>& visit);

}  // namespace grayling

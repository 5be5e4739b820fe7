#pragma once

#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "daemon/load/load_generator.h"

namespace grayling {

// What the load's clients saw over one stretch of time.
struct ClientStretch {
  std::vector<double> good_per_second;  // answers without error, one entry a second
  double error_percent = 0;             // of the requests that ended
  double mean_ms = 0;                   // NaN when nothing was answered, as are the next
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
};

// Watches `load` for `seconds` whole seconds from now. Cut short when `stop` is notified.
ClientStretch WatchClients(LoadGenerator& load, Clock& clock, int seconds,
                           const absl::Notification& stop);

}  // namespace grayling

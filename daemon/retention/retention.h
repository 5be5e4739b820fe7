#pragma once

#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/retention/pins.h"

namespace grayling {

// Lets the store forget samples that are older than `keep` and lie in no pin: at its start, then
// every hour, in a thread of its own.
class Retention {
 public:
  // `keep` above 0. All must outlive it.
  Retention(SampleStore& store, Pins& pins, absl::Duration keep, Clock& clock)
      : store_(store), pins_(pins), keep_(keep), clock_(clock) {}
  // Ends after the round under way.
  ~Retention();
  Retention(const Retention&) = delete;

  void Start();
  // One round. While the pins cannot be read nothing is forgotten.
  absl::Status Forget();

 private:
  void Loop();

  SampleStore& store_;
  Pins& pins_;
  const absl::Duration keep_;
  Clock& clock_;
  absl::Notification stop_;
  std::thread thread_;
};

}  // namespace grayling

#pragma once

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace grayling {

// The seam to time. All waiting in the daemon goes through it, so that tests need no sleep.
// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Wall-clock time of the host. All recorded instants are in this clock.
  virtual absl::Time Now() = 0;

  // Blocks until `deadline`. Returns false, at once, when `stop` is or becomes notified.
  virtual bool SleepUntil(absl::Time deadline, const absl::Notification& stop) = 0;
};

// The machine's own clock.
class SystemClock final : public Clock {
 public:
  absl::Time Now() override;
  bool SleepUntil(absl::Time deadline, const absl::Notification& stop) override;
};

}  // namespace grayling

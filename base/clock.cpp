#include "base/clock.h"

#include "absl/time/clock.h"

namespace grayling {

absl::Time SystemClock::Now() { return absl::Now(); }

bool SystemClock::SleepUntil(absl::Time deadline, const absl::Notification& stop) {
  return !stop.WaitForNotificationWithDeadline(deadline);
}

}  // namespace grayling

#pragma once

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/guest/guests.h"

namespace grayling {

// Converts instants of a guest's clock into the host's. Thread-safe.
class GuestClocks {
 public:
  explicit GuestClocks(Guests& guests) : guests_(guests) {}

  // Guest clock minus host clock. Measured on first use, then remembered.
  absl::StatusOr<absl::Duration> Offset(const std::string& vm);

  // The host's instant of `guest_time`, which is known to lie in [earliest, latest]. An instant
  // outside disproves the remembered offset (a suspended guest, a step of its clock): it is
  // measured again. What is still outside is cut to the bounds.
  absl::Time ToHost(const std::string& vm, absl::Time guest_time, absl::Time earliest,
                    absl::Time latest);

 private:
  absl::StatusOr<absl::Duration> Measure(const std::string& vm);

  Guests& guests_;
  absl::Mutex mutex_;
  std::map<std::string, absl::Duration> offsets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

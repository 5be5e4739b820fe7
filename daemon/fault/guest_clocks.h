#pragma once

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/guest/guests.h"
#include "daemon/guest/services.h"

namespace grayling {

// An instant of a guest's clock, told in the host's.
struct HostInstant {
  absl::Time time;
  MeasuredOffset offset;  // what it was converted with
  std::string doubt;      // why it is not exact; empty when it is
};

// Converts instants of a guest's clock into the host's. Thread-safe.
class GuestClocks {
 public:
  explicit GuestClocks(Guests& guests) : guests_(guests) {}

  // Measured now, and remembered.
  absl::StatusOr<MeasuredOffset> Measure(const std::string& vm);
  // As last measured; measured on first use.
  absl::StatusOr<MeasuredOffset> Offset(const std::string& vm);

  // The guest's instant of `host_time` as far as its clock was measured; else InfinitePast. Asks
  // nobody.
  absl::Time GuestTime(const std::string& vm, absl::Time host_time);

  // The host's instant of `guest_time`, which is known to lie in [earliest, latest]. An instant
  // outside disproves the remembered offset (a suspended guest, a step of its clock): it is
  // measured again. What is still outside is cut to the bounds, with a doubt.
  HostInstant ToHost(const std::string& vm, absl::Time guest_time, absl::Time earliest,
                     absl::Time latest);

 private:
  Guests& guests_;
  absl::Mutex mutex_;
  std::map<std::string, MeasuredOffset> offsets_ ABSL_GUARDED_BY(mutex_);
};

// How far a guest's clock moved between two measurements; zero for what may be their error.
absl::Duration ClockMovement(const MeasuredOffset& before, const MeasuredOffset& after);

}  // namespace grayling

#include "daemon/fault/guest_clocks.h"

#include <algorithm>

#include "base/status_macros.h"
#include "daemon/guest/services.h"

namespace grayling {
namespace {

// Half of the shortest round trip is the error of a measured offset; more than this is not error.
constexpr absl::Duration kOffsetSlack = absl::Milliseconds(100);

}  // namespace

absl::StatusOr<absl::Duration> GuestClocks::Measure(const std::string& vm) {
  GRAYLING_ASSIGN_OR_RETURN(Executor * executor, guests_.ExecutorOf(vm));
  GRAYLING_ASSIGN_OR_RETURN(const absl::Duration offset, MeasureClockOffset(*executor));
  absl::MutexLock lock(&mutex_);
  offsets_[vm] = offset;
  return offset;
}

absl::StatusOr<absl::Duration> GuestClocks::Offset(const std::string& vm) {
  {
    absl::MutexLock lock(&mutex_);
    const auto known = offsets_.find(vm);
    if (known != offsets_.end()) return known->second;
  }
  return Measure(vm);
}

absl::Time GuestClocks::ToHost(const std::string& vm, absl::Time guest_time, absl::Time earliest,
                               absl::Time latest) {
  absl::StatusOr<absl::Duration> offset = Offset(vm);
  const auto is_possible = [&](absl::Duration candidate) {
    const absl::Time host = guest_time - candidate;
    return host >= earliest - kOffsetSlack && host <= latest + kOffsetSlack;
  };
  if (offset.ok() && !is_possible(*offset)) offset = Measure(vm);
  if (!offset.ok()) return latest;
  return std::clamp(guest_time - *offset, earliest, std::max(earliest, latest));
}

}  // namespace grayling

#include "daemon/fault/guest_clocks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

// A label may be wrong by this much; what a slow guest's measurement leaves open comes on top.
constexpr absl::Duration kOffsetSlack = absl::Milliseconds(100);

}  // namespace

absl::StatusOr<MeasuredOffset> GuestClocks::Measure(const std::string& vm) {
  GRAYLING_ASSIGN_OR_RETURN(Executor * executor, guests_.ExecutorOf(vm));
  GRAYLING_ASSIGN_OR_RETURN(const MeasuredOffset offset, MeasureClockOffset(*executor));
  absl::MutexLock lock(&mutex_);
  offsets_[vm] = offset;
  return offset;
}

absl::StatusOr<MeasuredOffset> GuestClocks::Offset(const std::string& vm) {
  {
    absl::MutexLock lock(&mutex_);
    const auto known = offsets_.find(vm);
    if (known != offsets_.end()) return known->second;
  }
  return Measure(vm);
}

absl::Time GuestClocks::GuestTime(const std::string& vm, absl::Time host_time) {
  absl::MutexLock lock(&mutex_);
  const auto known = offsets_.find(vm);
  return known == offsets_.end() ? absl::InfinitePast() : host_time + known->second.offset;
}

HostInstant GuestClocks::ToHost(const std::string& vm, absl::Time guest_time, absl::Time earliest,
                                absl::Time latest) {
  absl::StatusOr<MeasuredOffset> offset = Offset(vm);
  const auto is_possible = [&](const MeasuredOffset& candidate) {
    const absl::Time host = guest_time - candidate.offset;
    const absl::Duration slack = std::max(kOffsetSlack, candidate.uncertainty);
    return host >= earliest - slack && host <= latest + slack;
  };
  if (offset.ok() && !is_possible(*offset)) offset = Measure(vm);
  if (!offset.ok()) {
    return {
        latest,
        {},
        absl::StrCat("the guest's clock could not be measured (", offset.status().message(), ")")};
  }
  HostInstant instant{std::clamp(guest_time - offset->offset, earliest, std::max(earliest, latest)),
                      *offset, ""};
  if (!is_possible(*offset)) instant.doubt = "the guest's clock told an instant that cannot be";
  return instant;
}

absl::Duration ClockMovement(const MeasuredOffset& before, const MeasuredOffset& after) {
  const absl::Duration movement = after.offset - before.offset;
  const absl::Duration slack = std::max(kOffsetSlack, before.uncertainty + after.uncertainty);
  return absl::AbsDuration(movement) > slack ? movement : absl::ZeroDuration();
}

}  // namespace grayling

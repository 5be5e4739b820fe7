#include "daemon/load/arrival_schedule.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace grayling {

ClosedLoopSchedule::ClosedLoopSchedule(const LoadSettings& settings, SteadyTime start,
                                       std::function<absl::Duration(size_t)> think)
    : think_(std::move(think)) {
  const auto ramp_up = absl::ToChronoNanoseconds(settings.ramp_up);
  for (uint32_t user = 0; user < settings.users; ++user) {
    const SteadyTime entry = start + ramp_up * user / settings.users;
    due_.push(Due{entry + absl::ToChronoNanoseconds(think_(user)), user});
  }
}

SteadyTime ClosedLoopSchedule::NextDue() const {
  return due_.empty() ? SteadyTime::max() : due_.top().time;
}

std::optional<Arrival> ClosedLoopSchedule::Take(SteadyTime now) {
  if (NextDue() > now) return std::nullopt;
  const Due due = due_.top();
  due_.pop();
  ++offered_;
  return Arrival{due.time, due.user};
}

void ClosedLoopSchedule::Ended(size_t user, SteadyTime now) {
  due_.push(Due{now + absl::ToChronoNanoseconds(think_(user)), user});
}

OpenSchedule::OpenSchedule(const LoadSettings& settings, SteadyTime start)
    : rate_(settings.rate),
      ramp_up_s_(absl::ToDoubleSeconds(settings.ramp_up)),
      poisson_(settings.arrivals == ArrivalKind::kPoisson),
      timeout_(absl::ToChronoNanoseconds(settings.request_timeout)),
      most_in_flight_(settings.most_in_flight),
      start_(start),
      random_(settings.seed) {
  Advance();
}

void OpenSchedule::Advance() {
  count_ += poisson_ ? gap_(random_) : 1.0;
  next_ = start_ + std::chrono::duration_cast<SteadyTime::duration>(
                       std::chrono::duration<double>(InstantOf(count_)));
}

double OpenSchedule::InstantOf(double count) const {
  const double in_ramp_up = rate_ * ramp_up_s_ / 2;
  if (count < in_ramp_up) return std::sqrt(2 * ramp_up_s_ * count / rate_);
  return count / rate_ + ramp_up_s_ / 2;
}

SteadyTime OpenSchedule::NextDue() const {
  const bool user_is_free = !free_.empty() || users_made_ < most_in_flight_;
  if (!waiting_.empty()) {
    return user_is_free ? waiting_.front() : std::min(next_, waiting_.front() + timeout_);
  }
  return next_;
}

std::optional<Arrival> OpenSchedule::Take(SteadyTime now) {
  while (next_ <= now) {
    ++offered_;
    const bool user_is_free = free_.size() + (most_in_flight_ - users_made_) > waiting_.size();
    if (!user_is_free) ++late_;
    waiting_.push_back(next_);
    Advance();
  }
  if (waiting_.empty()) return std::nullopt;
  Arrival arrival{waiting_.front()};
  if (now - arrival.intended >= timeout_) {
    arrival.given_up = true;
  } else if (!free_.empty()) {
    arrival.user = free_.back();
    free_.pop_back();
  } else if (users_made_ < most_in_flight_) {
    arrival.user = users_made_++;
  } else {
    return std::nullopt;
  }
  waiting_.pop_front();
  return arrival;
}

void OpenSchedule::Ended(size_t user, SteadyTime) { free_.push_back(user); }

}  // namespace grayling

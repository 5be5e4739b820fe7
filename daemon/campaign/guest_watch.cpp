#include "daemon/campaign/guest_watch.h"

#include <utility>

#include "daemon/guest/services.h"

namespace grayling {
namespace {

constexpr absl::Duration kClockTimeout = absl::Seconds(5);

// Any answer is one, a complaint as well.
bool IsSilence(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

GuestWatch::GuestWatch(Guests& guests, std::string vm, bool asks_for_health, Clock& clock)
    : guests_(guests), vm_(std::move(vm)), asks_for_health_(asks_for_health), clock_(clock) {}

bool GuestWatch::AskForTime(Executor& executor) {
  return !IsSilence(executor.Run({kProbePath, "clock"}, kClockTimeout).status());
}

bool GuestWatch::AskForHealth(Executor& executor) {
  const absl::StatusOr<std::vector<GuestService>> services = DiscoverServices(executor);
  // A probe that fails in a guest that answers looks like silence here: ask more simply.
  if (!services.ok()) return AskForTime(executor);
  absl::MutexLock lock(&mutex_);
  health_.clear();
  for (const GuestService& service : *services) health_[service.name] = service.health;
  return true;
}

void GuestWatch::Ask() {
  {
    absl::MutexLock lock(&mutex_);
    if (owed_since_ == absl::InfiniteFuture()) owed_since_ = clock_.Now();
  }
  const absl::StatusOr<Executor*> executor = guests_.ExecutorOf(vm_);
  bool answered = false;
  if (executor.ok()) {
    answered = asks_for_health_ ? AskForHealth(**executor) : AskForTime(**executor);
  }
  absl::MutexLock lock(&mutex_);
  last_was_answered_ = answered;
  if (answered) owed_since_ = absl::InfiniteFuture();
}

absl::Duration GuestWatch::Silence() {
  absl::MutexLock lock(&mutex_);
  if (owed_since_ == absl::InfiniteFuture()) return absl::ZeroDuration();
  return clock_.Now() - owed_since_;
}

std::map<std::string, std::string> GuestWatch::Health() {
  absl::MutexLock lock(&mutex_);
  if (!last_was_answered_) return {};
  return health_;
}

}  // namespace grayling

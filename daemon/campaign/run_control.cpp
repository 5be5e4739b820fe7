#include "daemon/campaign/run_control.h"

#include <utility>

namespace grayling {

void RunControl::Wake() {
  if (wake_ != nullptr && !wake_->HasBeenNotified()) wake_->Notify();
}

void RunControl::Stop(CampaignEnding ending) {
  absl::MutexLock lock(&mutex_);
  if (wishes_.stopped) return;
  wishes_.stopped = true;
  wishes_.ending = std::move(ending);
  Wake();
}

void RunControl::Pause(const std::string& reason, bool by_guard) {
  absl::MutexLock lock(&mutex_);
  const bool is_paused = !wishes_.pause_reason.empty();
  if (is_paused && (by_guard || !wishes_.pause_by_guard)) return;
  wishes_.pause_reason = reason;
  wishes_.pause_by_guard = by_guard;
  Wake();
}

void RunControl::Resume(bool only_guards) {
  absl::MutexLock lock(&mutex_);
  if (only_guards && !wishes_.pause_by_guard) return;
  wishes_.pause_reason.clear();
  wishes_.pause_by_guard = false;
  Wake();
}

void RunControl::SetSkip(const std::string& outcome) {
  absl::MutexLock lock(&mutex_);
  wishes_.skip = outcome;
  Wake();
}

void RunControl::SpoilWindow(const std::string& outcome) {
  absl::MutexLock lock(&mutex_);
  wishes_.spoiled = outcome;
  Wake();
}

bool RunControl::IsStopped() {
  absl::MutexLock lock(&mutex_);
  return wishes_.stopped;
}

CampaignEnding RunControl::Ending() {
  absl::MutexLock lock(&mutex_);
  return wishes_.ending;
}

std::string RunControl::PauseReason() {
  absl::MutexLock lock(&mutex_);
  return wishes_.pause_reason;
}

bool RunControl::PauseIsByGuard() {
  absl::MutexLock lock(&mutex_);
  return wishes_.pause_by_guard;
}

std::string RunControl::Skip() {
  absl::MutexLock lock(&mutex_);
  return wishes_.skip;
}

std::string RunControl::TakeSpoiled() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(wishes_.spoiled, "");
}

bool RunControl::Sleep(absl::Time deadline, absl::FunctionRef<bool(const Wishes&)> is_wanted) {
  while (true) {
    std::shared_ptr<absl::Notification> wake;
    {
      absl::MutexLock lock(&mutex_);
      if (is_wanted(wishes_)) return false;
      wake = wake_ = std::make_shared<absl::Notification>();
    }
    if (clock_.SleepUntil(deadline, *wake)) return true;
  }
}

bool RunControl::SleepUntil(absl::Time deadline) {
  return Sleep(deadline,
               [](const Wishes& wishes) { return wishes.stopped || !wishes.pause_reason.empty(); });
}

bool RunControl::SleepInWindowUntil(absl::Time deadline) {
  return Sleep(deadline, [](const Wishes& wishes) {
    return wishes.stopped || !wishes.pause_reason.empty() || !wishes.skip.empty() ||
           !wishes.spoiled.empty();
  });
}

bool RunControl::SleepInPauseUntil(absl::Time deadline) {
  return Sleep(deadline,
               [](const Wishes& wishes) { return wishes.stopped || wishes.pause_reason.empty(); });
}

bool RunControl::SleepUnlessStopped(absl::Time deadline) {
  return Sleep(deadline, [](const Wishes& wishes) { return wishes.stopped; });
}

}  // namespace grayling

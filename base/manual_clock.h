#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"

namespace grayling {

// A clock for tests: sleeping jumps straight to the deadline. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(absl::Time start) : now_(start) {}

  absl::Time Now() override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }

  bool SleepUntil(absl::Time deadline, const absl::Notification& stop) override {
    if (stop.HasBeenNotified()) return false;
    absl::MutexLock lock(&mutex_);
    if (deadline > now_) now_ = deadline;
    return true;
  }

  void Advance(absl::Duration by) {
    absl::MutexLock lock(&mutex_);
    now_ += by;
  }

 private:
  absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

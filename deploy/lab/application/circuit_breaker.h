#pragma once

#include <bitset>
#include <cstddef>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"

namespace grayling::lab {

// The circuit breaker of Resilience4j in its count-based form: opens when at least half of the last
// 50 calls failed (and there were at least 20), refuses for 10 s, then lets one call at a time
// through until one succeeds. Thread-safe.
class CircuitBreaker {
 public:
  static constexpr size_t kWindow = 50;
  static constexpr size_t kMinimumCalls = 20;
  static constexpr absl::Duration kOpenFor = absl::Seconds(10);

  explicit CircuitBreaker(Clock& clock) : clock_(clock) {}

  // Whether a call may be made now. True obliges the caller to report its end to Record.
  bool Allow();
  void Record(bool success);
  bool IsOpen() const;

 private:
  enum class State { kClosed, kOpen, kProbing };

  void Open() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Reset() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  mutable absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kClosed;
  absl::Time open_until_ ABSL_GUARDED_BY(mutex_);
  std::bitset<kWindow> failed_ ABSL_GUARDED_BY(mutex_);
  size_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace grayling::lab

#include "deploy/lab/application/circuit_breaker.h"

#include <algorithm>

namespace grayling::lab {

bool CircuitBreaker::Allow() {
  absl::MutexLock lock(&mutex_);
  switch (state_) {
    case State::kClosed:
      return true;
    case State::kProbing:
      return false;
    case State::kOpen:
      if (clock_.Now() < open_until_) return false;
      state_ = State::kProbing;
      return true;
  }
  return false;
}

void CircuitBreaker::Record(bool success) {
  absl::MutexLock lock(&mutex_);
  if (state_ == State::kProbing) {
    success ? Reset() : Open();
    return;
  }
  // A late answer to a call made before the circuit opened says nothing new.
  if (state_ == State::kOpen) return;
  failed_[next_] = !success;
  next_ = (next_ + 1) % kWindow;
  calls_ = std::min(calls_ + 1, kWindow);
  if (calls_ >= kMinimumCalls && 2 * failed_.count() >= calls_) Open();
}

bool CircuitBreaker::IsOpen() const {
  absl::MutexLock lock(&mutex_);
  return state_ != State::kClosed;
}

void CircuitBreaker::Open() {
  Reset();
  state_ = State::kOpen;
  open_until_ = clock_.Now() + kOpenFor;
}

void CircuitBreaker::Reset() {
  state_ = State::kClosed;
  failed_.reset();
  calls_ = 0;
  next_ = 0;
}

}  // namespace grayling::lab

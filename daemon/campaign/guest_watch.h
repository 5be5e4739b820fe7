#pragma once

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "daemon/guest/guests.h"

namespace grayling {

// Asks a guest again and again whether it is there, and how its services are, so that nobody who
// needs to know has to wait for an answer. Thread-safe.
class GuestWatch {
 public:
  // `asks_for_health`: else only the cheapest question is asked. `guests` and `clock` must outlive
  // it.
  GuestWatch(Guests& guests, std::string vm, bool asks_for_health, Clock& clock);

  // One question. Blocks until the guest answers or times out; called by one thread, every 2 s.
  void Ask();

  // How long the guest has owed an answer; zero after one came, and before the first question.
  absl::Duration Silence();
  // Health by service; empty before the first answer, and while the guest owes one.
  std::map<std::string, std::string> Health();

 private:
  // False when nobody answered.
  bool AskForHealth(Executor& executor);
  bool AskForTime(Executor& executor);

  Guests& guests_;
  const std::string vm_;
  const bool asks_for_health_;
  Clock& clock_;
  absl::Mutex mutex_;
  absl::Time owed_since_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  bool last_was_answered_ ABSL_GUARDED_BY(mutex_) = true;
  std::map<std::string, std::string> health_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// Lets many senders share the store's commits: whoever asks while one runs, or within the pause
// after it, waits for the next one. So a sender alone waits one commit, and a thousand senders
// cause no more than one commit per pause. One thread of its own. Thread-safe.
class GroupCommit {
 public:
  // `store` must outlive it.
  GroupCommit(SampleStore& store, absl::Duration pause);
  // Answers everybody who waits, by a last commit.
  ~GroupCommit();
  GroupCommit(const GroupCommit&) = delete;

  // Calls `done`, in this class's thread, when everything appended before this call is on disk, or
  // with the store's error. `done` must return quickly and must not call Wait().
  void Notify(std::function<void(const absl::Status&)> done);
  // The same, blocking.
  absl::Status Wait();

 private:
  void Loop();
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !waiting_.empty() || stopping_; }
  bool IsStopping() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_; }

  SampleStore& store_;
  const absl::Duration pause_;
  absl::Mutex mutex_;
  std::vector<std::function<void(const absl::Status&)>> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace grayling

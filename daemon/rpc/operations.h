#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "grayling/v1/operation.pb.h"

namespace grayling {

// The long-running operations of this daemon's life: each runs in a thread of its own, which is
// joined, never detached. At most kMaxRunning run at once; the newest kMaxKept are remembered
// (those that run are never forgotten). Not kept over a restart. Thread-safe.
class Operations {
 public:
  static constexpr size_t kMaxRunning = 32;
  static constexpr size_t kMaxKept = 1000;

  // Says what the operation does now, for people. Any thread, any time while the work runs.
  using Step = std::function<void(std::string)>;
  // Must return soon after `stop` is notified.
  using Work = std::function<absl::Status(const absl::Notification& stop, const Step& step)>;

  explicit Operations(Clock& clock) : clock_(clock) {}
  Operations(const Operations&) = delete;
  Operations& operator=(const Operations&) = delete;
  // Tells all work to stop, and waits for it.
  ~Operations();

  // Starts `work` on `target` (vms/lab). ABORTED while another operation on it runs (AIP-151);
  // RESOURCE_EXHAUSTED at kMaxRunning; UNAVAILABLE once the daemon goes down.
  absl::StatusOr<v1::Operation> Start(const std::string& target, Work work);
  // NOT_FOUND for a name that was never given or is forgotten.
  absl::StatusOr<v1::Operation> Get(const std::string& name);
  // Oldest first.
  std::vector<v1::Operation> List();
  // Returns when it is done, or after `timeout` as it is then.
  absl::StatusOr<v1::Operation> Wait(const std::string& name, absl::Duration timeout);
  // Notifies all work; returns at once. Start refuses from now on.
  void StopAll();

 private:
  struct Entry {
    v1::Operation state;
    absl::Notification stop;
    std::thread thread;
  };

  void Run(Entry* entry, const Work& work) ABSL_LOCKS_EXCLUDED(mutex_);
  std::shared_ptr<Entry> Find(const std::string& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Drops the oldest that are done and joined.
  void Forget() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t next_ ABSL_GUARDED_BY(mutex_) = 1;
  std::list<std::shared_ptr<Entry>> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

#pragma once

#include <sys/types.h>

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace grayling {

// Owns child processes that nobody waits for any more: reaps them as they end, and kills the rest
// on destruction. Thread-safe.
class AbandonedProcesses {
 public:
  AbandonedProcesses() = default;
  AbandonedProcesses(const AbandonedProcesses&) = delete;
  AbandonedProcesses& operator=(const AbandonedProcesses&) = delete;
  ~AbandonedProcesses();

  // Takes over a child of this process, and reaps earlier ones that have ended.
  void Adopt(pid_t child);

 private:
  absl::Mutex mutex_;
  std::vector<pid_t> children_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

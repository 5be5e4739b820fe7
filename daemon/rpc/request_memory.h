#pragma once

#include <deque>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace grayling {

// Makes a mutating call safe to repeat: of the calls with one request id, one does the work and all
// get the name of what it made. Work that failed is forgotten, so that a retry tries again. The
// last 256 ids are remembered, in memory. Thread-safe.
class RequestMemory {
 public:
  // An empty id is never remembered. A repetition that comes while the work still runs waits for
  // it.
  absl::StatusOr<std::string> Once(const std::string& request_id,
                                   absl::FunctionRef<absl::StatusOr<std::string>()> work);

 private:
  absl::Mutex mutex_;
  // To the name of what was made; empty while the work runs.
  std::map<std::string, std::string> names_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> finished_ ABSL_GUARDED_BY(mutex_);  // oldest first
};

}  // namespace grayling

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/store/records.h"
#include "grayling/v1/detector.pb.h"

namespace grayling {

// Alarms with their begin, end, peak score and the service that the peak blames. At most one lasts
// at a time. On disk (collection "alarms", serialised v1.Alarm) when it begins and when it ends; in
// between the peak is in memory. A begin that could not be written is tried again at every row of
// the alarm. A record that cannot be read is logged and skipped. Thread-safe.
class AlarmLog {
 public:
  // `records` must outlive the log.
  explicit AlarmLog(RecordStore& records) : records_(records) {}

  // Gives alarms that a dead daemon left open the end `now`: nobody knows better. For the start.
  absl::Status EndLeftOver(absl::Time now);

  // A row of an alarm: begins one, or raises the peak of the one that lasts.
  absl::Status Report(absl::Time time, const std::string& model, const std::string& service,
                      float score);
  // A row without alarm: ends the one that lasts, if any.
  absl::Status Clear(absl::Time time);

  // Newest first; the one that lasts with its peak so far.
  absl::StatusOr<std::vector<v1::Alarm>> List();

 private:
  absl::Status Begin(absl::Time time) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  RecordStore& records_;
  absl::Mutex mutex_;
  std::optional<v1::Alarm> current_ ABSL_GUARDED_BY(mutex_);  // without name: not yet on disk
};

}  // namespace grayling

#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "daemon/detect/live_detector.h"
#include "daemon/store/records.h"
#include "grayling/v1/model.pb.h"

namespace grayling {

// The models that were uploaded, and which one the live detector runs. In the collection "models":
// models/N holds a length-delimited v1.Model and then the model file's bytes; the record `active`
// holds the name of the active one. Thread-safe.
class Models {
 public:
  // All must outlive this.
  Models(RecordStore& records, LiveDetector& detector, Clock& clock)
      : records_(records), detector_(detector), clock_(clock) {}

  // Takes a model file that grayling-ml wrote, once it is proved that the detector can run it.
  // An empty `description` leaves the file's own. INVALID_ARGUMENT says what is wrong with it.
  absl::StatusOr<v1::Model> Upload(absl::string_view content, const std::string& description);
  absl::StatusOr<v1::Model> Get(const std::string& name);
  // Oldest first.
  absl::StatusOr<std::vector<v1::Model>> List();
  // The detector runs `name` from its next row on, and after a restart too.
  absl::StatusOr<v1::Model> Activate(const std::string& name);

  // Makes the detector run the model that was active when the daemon ended; none is no error.
  absl::Status Restore();

 private:
  absl::StatusOr<std::string> ActiveName();

  RecordStore& records_;
  LiveDetector& detector_;
  Clock& clock_;
  absl::Mutex activation_;  // keeps the record and the detector in step
};

}  // namespace grayling

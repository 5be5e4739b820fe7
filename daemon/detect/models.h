#pragma once

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "daemon/detect/live_detector.h"
#include "daemon/store/model_activations.h"
#include "daemon/store/records.h"
#include "grayling/v1/model.pb.h"
#include "ml/core/model.h"

namespace grayling {

// The models that were uploaded, and which one the live detector runs. In the collection "models":
// models/N holds a length-delimited v1.Model and then the model file's bytes. Which one is active
// follows from the history of activations. Thread-safe.
class Models {
 public:
  // All must outlive this.
  Models(RecordStore& records, ModelActivations& activations, LiveDetector& detector, Clock& clock)
      : records_(records), activations_(activations), detector_(detector), clock_(clock) {}

  // Takes a model file that grayling-ml wrote, once it is proved that the detector can run it;
  // otherwise nothing is left behind. An empty `description` leaves the file's own.
  // INVALID_ARGUMENT says what is wrong with it.
  absl::StatusOr<v1::Model> Upload(absl::string_view content, const std::string& description);
  absl::StatusOr<v1::Model> Get(const std::string& name);
  // Oldest first.
  absl::StatusOr<std::vector<v1::Model>> List();
  // The detector runs `name` from its next row on, and after a restart too.
  absl::StatusOr<v1::Model> Activate(const std::string& name);
  // The same for the model that was active before the present one; a second call goes one further
  // back. FAILED_PRECONDITION when there was none.
  absl::StatusOr<v1::Model> Rollback();

  // Makes the detector run the model that was active when the daemon ended; none is no error.
  absl::Status Restore();

 private:
  absl::StatusOr<Model> Load(const std::string& name);
  absl::StatusOr<v1::Model> Run(const std::string& name, bool rollback)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(activation_);

  RecordStore& records_;
  ModelActivations& activations_;
  LiveDetector& detector_;
  Clock& clock_;
  absl::Mutex activation_;  // keeps the history and the detector in step
};

}  // namespace grayling

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "daemon/calibration/calibration_run.h"
#include "daemon/store/records.h"
#include "grayling/v1/calibration.pb.h"

namespace grayling {

// All calibrations: those in the store, and at most one that runs, in a thread owned here.
// Thread-safe. The destructor stops a running one, its fault reverted.
class Calibrations {
 public:
  // `records` is the collection calibrations.
  Calibrations(CalibrationRooms rooms, RecordStore& records);
  ~Calibrations();

  // Starts and returns at once. INVALID_ARGUMENT (the fault, the SLO, a target outside 1 to 90, a
  // kind without an intensity), FAILED_PRECONDITION (no load runs, another one runs).
  absl::StatusOr<v1::Calibration> Start(CalibrationRequest request, const v1::FaultSpec& spec);
  // Returns when it has stopped. A calibration that has ended is returned as it is.
  absl::StatusOr<v1::Calibration> Stop(const std::string& name);
  absl::StatusOr<v1::Calibration> Get(const std::string& name);
  // Newest first.
  absl::StatusOr<std::vector<v1::Calibration>> List();
  // The name of the one that runs.
  std::optional<std::string> Running();

  // The intensity at which clients of `service` lose `target_percent`, by the newest calibration
  // that found it. NOT_FOUND names the command that would.
  absl::StatusOr<double> IntensityFor(const std::string& vm, const std::string& kind,
                                      const std::string& service, double target_percent);
  // Marks what a killed daemon left running as failed. Called once at the start.
  absl::Status FailInterrupted();

 private:
  struct Job {
    std::string name;
    absl::Notification stop;
    absl::Notification done;
  };
  void Save(const v1::Calibration& record);

  const CalibrationRooms rooms_;
  RecordStore& records_;
  absl::Mutex mutex_;
  std::shared_ptr<Job> job_ ABSL_GUARDED_BY(mutex_);  // the last one; it may have ended
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "base/clock.h"
#include "daemon/calibration/client_stretch.h"
#include "daemon/calibration/degradation_curve.h"
#include "daemon/calibration/observer.h"
#include "daemon/calibration/slo.h"
#include "daemon/fault/faults.h"
#include "daemon/load/load_generator.h"
#include "grayling/v1/calibration.pb.h"

namespace grayling {

// The rooms that a calibration works with.
struct CalibrationRooms {
  Faults& faults;
  LoadGenerator& load;
  Observer& observer;
  Clock& clock;
};

struct CalibrationRequest {
  FaultRequest fault;  // without intensity, shape and duration
  Slo slo;
  std::vector<double> targets_percent;  // ascending
  int look_s = 10;                      // how long each intensity is looked at
};

// One search for a fault's gray zone, in the calling thread. It sweeps the intensity upwards until
// clients have lost more than the largest target or the observer raises an alarm, then closes in on
// each target by the curve through all points seen (bisection with interpolation), and ends each
// with a fresh injection at the middle of the interval found. Each look at an intensity is compared
// with the calm stretches right before and after it, so that a drifting machine does not pass for
// a fault.
class CalibrationRun {
 public:
  // `save` is called after each change of the record.
  CalibrationRun(CalibrationRooms rooms, CalibrationRequest request, v1::Calibration record,
                 std::function<void(const v1::Calibration&)> save);

  // Ends with the state "done", or "failed: ..." or "stopped" and no fault left.
  v1::Calibration Execute(const absl::Notification& stop);

 private:
  absl::Status Search();
  absl::Status Sweep();
  absl::Status FindTarget(double target_percent);
  // Injects, watches, reverts, watches the calm after it, and adds the point to the record. The
  // outcome is FAILED_PRECONDITION when the guest refused this intensity.
  absl::StatusOr<v1::CalibrationPoint> LookAt(double intensity);
  absl::StatusOr<ClientStretch> WatchCalm(int seconds);
  void JudgeZone();
  void Say(const std::string& progress);

  const CalibrationRooms rooms_;
  const CalibrationRequest request_;
  const FaultKind& kind_;
  const StrengthScale scale_;
  const std::function<void(const v1::Calibration&)> save_;
  v1::Calibration record_;
  const absl::Notification* stop_ = nullptr;
  DegradationCurve curve_;
  ClientStretch calm_;  // the last one
  std::string first_complaint_;
};

}  // namespace grayling

#include "daemon/calibration/calibration_run.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "daemon/calibration/degradation.h"

namespace grayling {
namespace {

constexpr double kSweepStep = 0.1;
constexpr double kBeyondLargestTarget = 5;  // percent: the sweep ends above it
constexpr double kHalfWidth = 2.5;          // percent: of the interval around a target
constexpr double kNearEnough = 3.5;         // percent: a fresh look must come this near
constexpr int kMostLooksPerTarget = 6;
constexpr int kCalm_s = 6;
constexpr int kFirstCalm_s = 12;
// A closed loop needs a round of its users to feel a change.
constexpr absl::Duration kSettle = absl::Seconds(2);

absl::Status Stopped() { return absl::CancelledError("stopped by request"); }

}  // namespace

CalibrationRun::CalibrationRun(CalibrationRooms rooms, CalibrationRequest request,
                               v1::Calibration record,
                               std::function<void(const v1::Calibration&)> save)
    : rooms_(rooms),
      request_(std::move(request)),
      kind_(*FindFaultKindOrNull(request_.fault.kind)),
      scale_(kind_),
      save_(std::move(save)),
      record_(std::move(record)) {}

void CalibrationRun::Say(const std::string& progress) {
  record_.set_progress(progress);
  save_(record_);
}

absl::StatusOr<ClientStretch> CalibrationRun::WatchCalm(int seconds) {
  if (!rooms_.clock.SleepUntil(rooms_.clock.Now() + kSettle, *stop_)) return Stopped();
  ClientStretch stretch = WatchClients(rooms_.load, rooms_.clock, seconds, *stop_);
  if (stop_->HasBeenNotified()) return Stopped();
  if (!rooms_.load.Statistics().running) {
    return absl::FailedPreconditionError("the load ended meanwhile; start it and calibrate again");
  }
  return stretch;
}

absl::StatusOr<v1::CalibrationPoint> CalibrationRun::LookAt(double intensity) {
  const std::string& name = kind_.Intensity()->name;
  Say(absl::StrFormat("%s = %.4g, %d looks so far", name, intensity, record_.points_size()));
  FaultRequest request = request_.fault;
  request.parameters[name] = intensity;
  request.duration = kSettle + absl::Seconds(request_.look_s + 30);
  GRAYLING_ASSIGN_OR_RETURN(const ObserverReading before, rooms_.observer.Read(request.vm));
  GRAYLING_ASSIGN_OR_RETURN(const FaultRecord fault, rooms_.faults.Inject(request));
  rooms_.clock.SleepUntil(rooms_.clock.Now() + kSettle, *stop_);
  const ClientStretch hurt = WatchClients(rooms_.load, rooms_.clock, request_.look_s, *stop_);
  const absl::StatusOr<ObserverReading> after = rooms_.observer.Read(request.vm);
  GRAYLING_RETURN_IF_ERROR(rooms_.faults.Revert(fault.name).status());
  if (stop_->HasBeenNotified()) return Stopped();

  std::vector<double> normal = calm_.good_per_second;
  GRAYLING_ASSIGN_OR_RETURN(calm_, WatchCalm(kCalm_s));
  normal.insert(normal.end(), calm_.good_per_second.begin(), calm_.good_per_second.end());
  const Degradation degradation =
      DegradationOf(normal, hurt.good_per_second, static_cast<uint64_t>(record_.points_size() + 1));
  v1::CalibrationPoint point;
  point.set_intensity(intensity);
  point.set_degradation_percent(degradation.percent);
  point.set_degradation_low_percent(degradation.low);
  point.set_degradation_high_percent(degradation.high);
  const std::vector<std::string> alarms =
      after.ok() ? AlarmsBetween(before, *after)
                 : std::vector<std::string>{std::string(after.status().message())};
  point.set_observer_healthy(alarms.empty());
  point.set_observer_complaint(absl::StrJoin(alarms, "; "));
  point.set_p95_ms(hurt.p95_ms);
  point.set_error_percent(hurt.error_percent);
  point.set_slo_broken(!BrokenLimits(request_.slo, hurt).empty());
  *record_.add_points() = point;
  curve_.Add({scale_.StrengthOf(intensity), degradation.percent});
  save_(record_);
  return point;
}

absl::Status CalibrationRun::Sweep() {
  const double enough = request_.targets_percent.back() + kBeyondLargestTarget;
  int complaints = 0;
  for (double strength = kSweepStep; strength < 1 + kSweepStep / 2; strength += kSweepStep) {
    absl::StatusOr<v1::CalibrationPoint> point = LookAt(scale_.IntensityOf(strength));
    if (absl::IsFailedPrecondition(point.status()) && rooms_.load.Statistics().running) {
      Say(absl::StrCat("refused: ", point.status().message()));
      continue;
    }
    GRAYLING_RETURN_IF_ERROR(point.status());
    if (!point->observer_healthy()) {
      // Once may be chance: it counts when it happens again at the same place.
      if (++complaints == 1) {
        strength -= kSweepStep;
        continue;
      }
      first_complaint_ = point->observer_complaint();
      return absl::OkStatus();
    }
    complaints = 0;
    if (point->degradation_percent() >= enough) return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status CalibrationRun::FindTarget(double target_percent) {
  v1::CalibratedTarget target;
  target.set_target_percent(target_percent);
  target.set_reason("no intensity came near enough; the clients' loss varies too much here");
  for (int look = 0; look < kMostLooksPerTarget; ++look) {
    const std::optional<double> middle = curve_.StrengthAt(target_percent);
    if (!middle.has_value()) {
      target.set_reason(absl::StrFormat(
          "clients lose at most %.1f %%%s", curve_.Highest(),
          first_complaint_.empty()
              ? " up to the strongest intensity"
              : absl::StrCat(" before the observer complains: ", first_complaint_)));
      break;
    }
    const double low =
        scale_.IntensityOf(curve_.StrengthAt(target_percent - kHalfWidth).value_or(*middle));
    const double high =
        scale_.IntensityOf(curve_.StrengthAt(target_percent + kHalfWidth).value_or(*middle));
    target.set_intensity_low(std::min(low, high));
    target.set_intensity_high(std::max(low, high));
    target.set_intensity((low + high) / 2);
    const absl::StatusOr<v1::CalibrationPoint> point = LookAt(target.intensity());
    GRAYLING_RETURN_IF_ERROR(point.status());
    const bool is_near = std::abs(point->degradation_percent() - target_percent) <= kNearEnough;
    if (!is_near) continue;
    *target.mutable_verified() = *point;
    if (!point->observer_healthy()) {
      target.set_reason(
          absl::StrCat("there the observer complains: ", point->observer_complaint()));
      continue;
    }
    target.set_found(true);
    target.clear_reason();
    break;
  }
  *record_.add_targets() = target;
  save_(record_);
  return absl::OkStatus();
}

void CalibrationRun::JudgeZone() {
  // Clients suffer where they lose the smallest target, or the SLO breaks, as the gentler one has
  // it; the observer must not have said a word there.
  double gentlest = 2;
  double strongest = -1;
  for (const v1::CalibrationPoint& point : record_.points()) {
    const bool suffers =
        point.slo_broken() || point.degradation_percent() >= request_.targets_percent.front();
    if (!suffers || !point.observer_healthy()) continue;
    const double strength = scale_.StrengthOf(point.intensity());
    gentlest = std::min(gentlest, strength);
    strongest = std::max(strongest, strength);
  }
  record_.set_has_gray_zone(strongest >= 0);
  if (strongest < 0) {
    record_.set_zone_reason(
        first_complaint_.empty()
            ? absl::StrFormat("no gray zone: clients lose at most %.1f %% at any intensity looked "
                              "at, and keep their SLO",
                              curve_.Highest())
            : absl::StrCat("no gray zone: the observer complains before clients suffer: ",
                           first_complaint_));
    return;
  }
  record_.set_zone_low(scale_.IntensityOf(gentlest));
  record_.set_zone_high(scale_.IntensityOf(strongest));
  record_.set_zone_reason(
      first_complaint_.empty()
          ? "the observer said healthy at every intensity looked at"
          : absl::StrCat("above it the observer complains: ", first_complaint_));
}

absl::Status CalibrationRun::Search() {
  Say("watching the clients without a fault");
  GRAYLING_ASSIGN_OR_RETURN(calm_, WatchCalm(kFirstCalm_s));
  record_.set_baseline_mean_ms(calm_.mean_ms);
  record_.set_baseline_p95_ms(calm_.p95_ms);
  record_.set_baseline_error_percent(calm_.error_percent);
  record_.set_load_requests_per_second(rooms_.load.Statistics().requests_per_second);
  const std::string broken = BrokenLimits(request_.slo, calm_);
  if (!broken.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the SLO is broken without any fault: ", broken, "; use less load or a wider SLO"));
  }
  GRAYLING_RETURN_IF_ERROR(Sweep());
  for (const double target : request_.targets_percent) GRAYLING_RETURN_IF_ERROR(FindTarget(target));
  return absl::OkStatus();
}

v1::Calibration CalibrationRun::Execute(const absl::Notification& stop) {
  stop_ = &stop;
  const absl::Status status = Search();
  if (record_.points_size() > 0) JudgeZone();
  record_.clear_progress();
  if (status.ok()) {
    record_.set_state("done");
  } else if (absl::IsCancelled(status)) {
    record_.set_state("stopped");
  } else {
    record_.set_state(absl::StrCat("failed: ", status.message()));
  }
  auto* points = record_.mutable_points();
  std::sort(points->begin(), points->end(),
            [](const auto& a, const auto& b) { return a.intensity() < b.intensity(); });
  save_(record_);
  return record_;
}

}  // namespace grayling

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/output/cells.h"
#include "client/cli/output/tables.h"

namespace grayling {
namespace {

std::string Percent(double value) { return absl::StrFormat("%.1f", value); }

std::string Interval(double low, double high) {
  return absl::StrCat(Cell(low), " .. ", Cell(high));
}

std::vector<std::string> RowOf(const std::string& what, const v1::CalibrationPoint& point) {
  return {what,
          Cell(point.intensity()),
          Percent(point.degradation_percent()),
          absl::StrCat(Percent(point.degradation_low_percent()), " .. ",
                       Percent(point.degradation_high_percent())),
          Percent(point.p95_ms()),
          Percent(point.error_percent()),
          point.slo_broken() ? "broken" : "kept",
          point.observer_healthy() ? "healthy" : point.observer_complaint()};
}

std::string TargetSentence(const v1::CalibratedTarget& target) {
  if (!target.found()) {
    return absl::StrCat("clients lose ", Cell(target.target_percent()), " %: not found, ",
                        target.reason());
  }
  return absl::StrCat(
      "clients lose ", Cell(target.target_percent()), " % at ", Cell(target.intensity()), " (",
      Interval(target.intensity_low(), target.intensity_high()), "); injected afresh they lost ",
      Percent(target.verified().degradation_percent()), " %");
}

}  // namespace

Table TableOf(const v1::Calibration& calibration) {
  Table table;
  table.columns = {"LOOK",   "INTENSITY", "LOSS %", "90 % INTERVAL",
                   "P95 ms", "ERRORS %",  "SLO",    "OBSERVER"};
  for (int i = 0; i < calibration.points_size(); ++i) {
    table.rows.push_back(RowOf(absl::StrCat(i + 1), calibration.points(i)));
  }
  table.summary.push_back(absl::StrCat(
      calibration.name(), ": ", calibration.spec().kind(),
      calibration.spec().service().empty() ? ""
                                           : absl::StrCat(" on ", calibration.spec().service()),
      ", ", calibration.state(), "; without it p95 ", Percent(calibration.baseline_p95_ms()),
      " ms, ", Percent(calibration.load_requests_per_second()), " requests/s, SLO ",
      calibration.slo()));
  if (calibration.has_gray_zone()) {
    table.summary.push_back(
        absl::StrCat("gray zone: ", Interval(calibration.zone_low(), calibration.zone_high()), "; ",
                     calibration.zone_reason()));
  } else if (!calibration.zone_reason().empty()) {
    table.summary.push_back(calibration.zone_reason());
  }
  for (const v1::CalibratedTarget& target : calibration.targets()) {
    table.summary.push_back(TargetSentence(target));
  }
  return table;
}

Table TableOf(const v1::ListCalibrationsResponse& list) {
  Table table;
  table.columns = {"NAME", "KIND", "VM", "SERVICE", "STATE", "CREATED", "GRAY ZONE", "TARGETS"};
  for (const v1::Calibration& calibration : list.calibrations()) {
    std::string targets;
    for (const v1::CalibratedTarget& target : calibration.targets()) {
      if (!target.found()) continue;
      absl::StrAppend(&targets, targets.empty() ? "" : ", ", Cell(target.target_percent()), "% ",
                      Cell(target.intensity()));
    }
    const bool has_zone = calibration.has_gray_zone();
    table.rows.push_back(
        {calibration.name(), calibration.spec().kind(), calibration.spec().vm(),
         calibration.spec().service(), calibration.state(), Cell(calibration.create_time()),
         has_zone ? Interval(calibration.zone_low(), calibration.zone_high()) : "none", targets});
  }
  return table;
}

}  // namespace grayling

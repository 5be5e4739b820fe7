#include "daemon/campaign/gray_intensity.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/fault/catalogue.h"

namespace grayling {
namespace {

// What the calibration's bisection can look for.
constexpr double kLeastPercent = 1;
constexpr double kMostPercent = 90;

std::string CalibrateCommand(const std::string& vm, const PlannedFault& fault,
                             const std::string& service, double percent) {
  return absl::StrCat("grayling fault calibrate ", fault.kind, " --vm ",
                      absl::StripPrefix(vm, "vms/"),
                      service.empty() ? "" : absl::StrCat(" --service ", service),
                      " --slo 'p95<=200ms,errors<=1%' --target ", percent);
}

absl::StatusOr<double> Resolved(const CampaignPlan& plan, const PlannedFault& fault,
                                const std::string& service, double percent,
                                const GrayLookup& lookup) {
  const std::string target = absl::StrCat("gray(", GrayPercentText(percent), ") of ", fault.kind,
                                          " on ", service.empty() ? plan.vm : service);
  const std::string command = CalibrateCommand(plan.vm, fault, service, percent);
  const absl::StatusOr<double> value = lookup(plan.vm, fault.kind, service, percent);
  if (absl::IsNotFound(value.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat(target, " was not calibrated yet; run `", command, "` under the plan's load"));
  }
  if (!value.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        target, " has no value: ", value.status().message(), "; calibrate again with `", command,
        "` under the plan's load, or write a number"));
  }
  const absl::StatusOr<const FaultKind*> kind = FindFaultKind(fault.kind);
  if (!kind.ok()) return kind.status();
  for (const std::map<std::string, double>& parameters : fault.parameters) {
    FaultValues values{parameters, fault.options};
    values.parameters[(*kind)->parameters.front().name] = *value;
    const absl::Status allowed = CompleteValues(**kind, std::move(values)).status();
    if (allowed.ok()) continue;
    return absl::FailedPreconditionError(absl::StrCat(target, " was calibrated to ", *value,
                                                      ", but ", allowed.message(),
                                                      "; calibrate again with `", command, "`"));
  }
  return *value;
}

}  // namespace

std::string GrayPercentText(double percent) { return absl::StrCat(percent, "%"); }

absl::StatusOr<double> ParseGray(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  absl::string_view inside = text;
  if (!absl::ConsumePrefix(&inside, "gray")) return absl::NotFoundError("not gray(...)");
  double percent = 0;
  if (!absl::ConsumePrefix(&inside, "(") || !absl::ConsumeSuffix(&inside, "%)") ||
      !absl::SimpleAtod(inside, &percent) ||
      !(percent >= kLeastPercent && percent <= kMostPercent)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text, "' is no intensity; write gray(20%), with a percentage from ",
                     kLeastPercent, " to ", kMostPercent));
  }
  return percent;
}

absl::StatusOr<CampaignPlan> ResolveGray(CampaignPlan plan, const GrayLookup& lookup) {
  std::vector<PlannedFault> faults = plan.faults;
  for (PlannedFault& fault : faults) {
    for (PlannedIntensity& intensity : fault.intensities) {
      if (!intensity.IsGray()) continue;
      for (const std::string& service : fault.services) {
        const absl::StatusOr<double> value =
            Resolved(plan, fault, service, intensity.gray_percent, lookup);
        if (!value.ok()) return value.status();
        intensity.by_service[service] = *value;
      }
    }
  }
  plan.faults = std::move(faults);
  return plan;
}

}  // namespace grayling

#include "daemon/campaign/campaign_preparation.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "daemon/campaign/campaign_record.h"

namespace grayling {
namespace {

// The record keeps what the plan said when the campaign began; another version of this program may
// read the same plan in another way.
absl::Status CheckSameTimeline(const v1::Campaign& record, const Timeline& timeline) {
  const absl::Status differs =
      absl::FailedPreconditionError("its plan lays out differently in this version; start it anew");
  if (record.windows_size() != static_cast<int>(timeline.windows.size())) return differs;
  for (int i = 0; i < record.windows_size(); ++i) {
    const v1::FaultWindow& window = record.windows(i);
    const PlannedWindow& planned = timeline.windows[i];
    if (window.spec().kind() != planned.kind || window.spec().service() != planned.service ||
        FromProto(window.planned_start()) != planned.start ||
        FromProto(window.planned_end()) != planned.end) {
      return differs;
    }
  }
  return absl::OkStatus();
}

}  // namespace

double CampaignPreparation::DiskFreeMib() const {
  if (!surroundings_.disk_free_mib) return std::numeric_limits<double>::quiet_NaN();
  return surroundings_.disk_free_mib();
}

GrayLookup CampaignPreparation::GrayIntensity() const {
  if (surroundings_.gray_intensity) return surroundings_.gray_intensity;
  return [](const std::string&, const std::string&, const std::string&,
            double) -> absl::StatusOr<double> {
    return absl::NotFoundError("there is no calibration");
  };
}

void CampaignPreparation::Announce(const CampaignScript& script) const {
  if (script.plan.annotate && surroundings_.annotate) surroundings_.annotate(script.record.name());
}

absl::Status CampaignPreparation::CheckScrapeTargets(const CampaignPlan& plan) {
  GRAYLING_ASSIGN_OR_RETURN(std::vector<std::string> known, surroundings_.scrape_targets());
  for (std::string& id : known) id = std::string(absl::StripPrefix(id, "scrapeTargets/"));
  for (const std::string& wanted : plan.scrape) {
    if (std::find(known.begin(), known.end(), wanted) != known.end()) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "the plan scrapes '", wanted, "' but there is no such scrape target; there are ",
        known.empty() ? "none" : absl::StrJoin(known, ", ")));
  }
  return absl::OkStatus();
}

absl::Status CampaignPreparation::CheckNoLiveFault(const CampaignPlan& plan) {
  rooms_.faults.SettleExpired();
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<FaultRecord> live, rooms_.faults.List(true));
  for (const FaultRecord& fault : live) {
    if (fault.vm != plan.vm) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        fault.name, " (", fault.kind, " on ", fault.service, ", ", FaultStateName(fault.state),
        ") is live and would spoil the labels; revert it first"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<LoadSettings>> CampaignPreparation::ResolveLoads(
    const CampaignPlan& plan) {
  std::vector<LoadSettings> loads;
  for (const LoadLevel& level : plan.loads) loads.push_back(level.settings);
  if (loads.empty()) loads.push_back(plan.load);
  for (LoadSettings& settings : loads) {
    const std::string written = settings.base_url;
    absl::string_view url = written;
    uint32_t port = 0;
    if (!absl::ConsumePrefix(&url, "forward:") || !absl::SimpleAtoi(url, &port)) continue;
    GRAYLING_ASSIGN_OR_RETURN(settings.base_url,
                              surroundings_.forward_url(plan.vm, static_cast<uint16_t>(port)));
  }
  return loads;
}

absl::StatusOr<std::string> CampaignPreparation::FreeName(const CampaignPlan& plan) {
  const std::string stem = absl::StrCat(
      "campaigns/", absl::FormatTime("%Y%m%dT%H%M%S", rooms_.clock.Now(), absl::UTCTimeZone()), "-",
      plan.name);
  for (int number = 1;; ++number) {
    std::string name = number == 1 ? stem : absl::StrCat(stem, "-", number);
    const absl::Status taken = rooms_.records.Get(name).status();
    if (absl::IsNotFound(taken)) return name;
    GRAYLING_RETURN_IF_ERROR(taken);
  }
}

absl::StatusOr<CampaignScript> CampaignPreparation::Begin(absl::string_view plan_yaml) {
  CampaignScript script;
  GRAYLING_ASSIGN_OR_RETURN(script.plan, ParsePlan(plan_yaml));
  GRAYLING_ASSIGN_OR_RETURN(script.plan, ResolveGray(script.plan, GrayIntensity()));
  script.timeline = LayOut(script.plan);
  if (script.timeline.windows.empty()) {
    return absl::FailedPreconditionError("the plan has no window left to do");
  }
  GRAYLING_RETURN_IF_ERROR(CheckScrapeTargets(script.plan));
  GRAYLING_ASSIGN_OR_RETURN(script.loads, ResolveLoads(script.plan));
  GRAYLING_RETURN_IF_ERROR(CheckNoLiveFault(script.plan));
  // Also tells whether the guest answers at all.
  GRAYLING_ASSIGN_OR_RETURN(const absl::Duration offset, rooms_.faults.ClockOffset(script.plan.vm));
  GRAYLING_ASSIGN_OR_RETURN(const std::string name, FreeName(script.plan));

  GRAYLING_RETURN_IF_ERROR(rooms_.load.Start(script.loads[script.timeline.windows[0].load]));
  const absl::Time start = rooms_.clock.Now();
  script.record = NewCampaignRecord(name, plan_yaml, script.plan, script.timeline, start, offset);
  const absl::Status stored = rooms_.records.Put(name, script.record.SerializeAsString(), start);
  if (!stored.ok()) {
    rooms_.load.Stop().IgnoreError();
    return stored;
  }
  return script;
}

absl::StatusOr<CampaignScript> CampaignPreparation::TakeUp(v1::Campaign record) {
  CampaignScript script;
  GRAYLING_ASSIGN_OR_RETURN(script.plan, ParsePlan(record.plan_yaml()));
  script.timeline = LayOut(script.plan);
  GRAYLING_RETURN_IF_ERROR(CheckSameTimeline(record, script.timeline));
  // What was calibrated when it began still holds, whatever was calibrated since.
  for (int i = 0; i < record.windows_size(); ++i) {
    const auto& parameters = record.windows(i).spec().parameters();
    script.timeline.windows[i].parameters = {parameters.begin(), parameters.end()};
  }
  GRAYLING_ASSIGN_OR_RETURN(script.loads, ResolveLoads(script.plan));
  script.record = std::move(record);
  script.is_resumed = true;
  return script;
}

}  // namespace grayling

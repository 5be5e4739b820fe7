#include "daemon/campaign/campaign_record.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/proto_shape.h"
#include "base/proto_time.h"
#include "daemon/fault/fault_spec.h"

namespace grayling {
namespace {

// Longer than a guest call may take: after this an order to apply cannot still be on its way.
constexpr absl::Duration kOrderMayBeUnderway = absl::Seconds(30);

}  // namespace

v1::FaultWindow ToWindowProto(const CampaignPlan& plan, const PlannedWindow& window, int index) {
  v1::FaultWindow proto;
  proto.set_index(index);
  proto.set_group(window.group);
  proto.set_gray(GrayText(window));
  v1::FaultSpec& spec = *proto.mutable_spec();
  spec.set_kind(window.kind);
  spec.set_vm(plan.vm);
  spec.set_service(window.service);
  spec.mutable_parameters()->insert(window.parameters.begin(), window.parameters.end());
  spec.mutable_options()->insert(window.options.begin(), window.options.end());
  if (!window.shape.IsConstant()) *spec.mutable_shape() = ToShapeProto(window.shape);
  if (window.backend != "native") spec.set_backend(window.backend);
  spec.mutable_arguments()->Assign(window.arguments.begin(), window.arguments.end());
  ToProto(window.end - window.start, spec.mutable_duration());
  ToProto(window.start, proto.mutable_planned_start());
  ToProto(window.end, proto.mutable_planned_end());
  if (plan.loads.size() > 1) proto.set_load(plan.loads[window.load].name);
  proto.set_outcome("planned");
  return proto;
}

v1::Campaign NewCampaignRecord(const std::string& name, absl::string_view plan_yaml,
                               const CampaignPlan& plan, const Timeline& timeline, absl::Time start,
                               absl::Duration clock_offset) {
  v1::Campaign record;
  record.set_name(name);
  record.set_plan_yaml(std::string(plan_yaml));
  record.set_state(v1::CAMPAIGN_STATE_RUNNING);
  record.set_phase("warmup");
  ToProto(start, record.mutable_start_time());
  ToProto(timeline.duration, record.mutable_planned_duration());
  ToProto(clock_offset, record.mutable_clock_offset());
  for (const PlannedWindow& window : timeline.windows) {
    *record.add_windows() = ToWindowProto(plan, window, record.windows_size());
  }
  return record;
}

FaultRequest RequestOf(const v1::FaultWindow& window, const std::string& campaign) {
  FaultRequest request = FromSpecProto(window.spec());
  request.campaign = campaign;
  return request;
}

std::set<std::string> ServicesOf(const v1::Campaign& campaign) {
  std::set<std::string> services;
  for (const v1::FaultWindow& window : campaign.windows()) {
    if (!window.spec().service().empty()) services.insert(window.spec().service());
  }
  return services;
}

absl::Time LatestEnd(const FaultRecord& fault, absl::Time now) {
  if (fault.state == FaultState::kReverted) return fault.reverted;
  if (fault.state == FaultState::kResidue) return now;
  const absl::Time latest_start =
      fault.verified != absl::InfinitePast() ? fault.verified : fault.created + kOrderMayBeUnderway;
  return std::min(now, latest_start + fault.duration);
}

absl::Status CheckEnd(const FaultRecord& fault) {
  if (fault.verified == absl::InfinitePast()) {
    return absl::FailedPreconditionError("it was never verified");
  }
  if (fault.state != FaultState::kReverted || !fault.reason.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(FaultStateName(fault.state), fault.reason.empty() ? "" : ", ", fault.reason));
  }
  if (fault.reverted <= fault.verified) {
    return absl::FailedPreconditionError("it ended at the moment when it was verified");
  }
  return absl::OkStatus();
}

void PutAttemptAside(v1::FaultWindow& window) {
  v1::WindowAttempt& attempt = *window.add_earlier_attempts();
  attempt.set_fault(window.fault());
  if (window.has_start_time()) *attempt.mutable_start_time() = window.start_time();
  if (window.has_end_time()) *attempt.mutable_end_time() = window.end_time();
  attempt.set_outcome(window.outcome());
  window.clear_fault();
  window.clear_start_time();
  window.clear_end_time();
  window.clear_lateness();
  window.set_outcome("planned");
}

void AdoptLateEnds(v1::Campaign& campaign, Faults& faults, absl::Time now) {
  for (v1::FaultWindow& window : *campaign.mutable_windows()) {
    for (v1::WindowAttempt& attempt : *window.mutable_earlier_attempts()) {
      if (!attempt.has_start_time() || attempt.has_end_time()) continue;
      const absl::StatusOr<FaultRecord> fault = faults.Get(attempt.fault());
      ToProto(fault.ok() ? LatestEnd(*fault, now) : now, attempt.mutable_end_time());
    }
    if (!window.has_start_time() || window.has_end_time()) continue;
    const absl::StatusOr<FaultRecord> fault = faults.Get(window.fault());
    ToProto(fault.ok() ? LatestEnd(*fault, now) : now, window.mutable_end_time());
    const bool failed = absl::StartsWith(window.outcome(), "failed: ");
    if (fault.ok() && failed && CheckEnd(*fault).ok()) window.set_outcome("done");
  }
}

int SpoilWindowsUnderWay(v1::Campaign& campaign) {
  int spoiled = 0;
  for (v1::FaultWindow& window : *campaign.mutable_windows()) {
    const bool was_tried = window.outcome() == "planned" && window.has_start_time();
    if (window.outcome() != "active" && !was_tried) continue;
    window.set_outcome(absl::StrCat("invalid: ", kDaemonStopped));
    ++spoiled;
  }
  return spoiled;
}

bool IsPausedByRequest(const v1::Campaign& campaign) {
  if (campaign.state() != v1::CAMPAIGN_STATE_PAUSED || campaign.pauses().empty()) return false;
  const v1::CampaignPause& last = campaign.pauses(campaign.pauses_size() - 1);
  return !last.has_end_time() && !last.ends_by_itself();
}

std::string CampaignStateWord(v1::CampaignState state) {
  return std::string(absl::StripPrefix(v1::CampaignState_Name(state), "CAMPAIGN_STATE_"));
}

}  // namespace grayling

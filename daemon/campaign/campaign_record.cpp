#include "daemon/campaign/campaign_record.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/proto_shape.h"
#include "base/proto_time.h"

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

FaultRequest RequestOf(const CampaignPlan& plan, const PlannedWindow& window,
                       const std::string& campaign) {
  return {window.kind, plan.vm, window.service, window.parameters, window.end - window.start,
          campaign};
}

absl::Time LatestEnd(const FaultRecord& fault, absl::Time now) {
  if (fault.state == FaultState::kReverted) return fault.reverted;
  if (fault.state == FaultState::kResidue) return now;
  const absl::Time latest_start =
      fault.verified != absl::InfinitePast() ? fault.verified : fault.created + kOrderMayBeUnderway;
  return std::min(now, latest_start + fault.duration);
}

std::string CampaignStateWord(v1::CampaignState state) {
  return std::string(absl::StripPrefix(v1::CampaignState_Name(state), "CAMPAIGN_STATE_"));
}

}  // namespace grayling

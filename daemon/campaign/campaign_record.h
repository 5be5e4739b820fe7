#pragma once

#include <string>

#include "absl/time/time.h"
#include "daemon/campaign/plan.h"
#include "daemon/campaign/timeline.h"
#include "daemon/fault/faults.h"
#include "grayling/v1/campaign.pb.h"

namespace grayling {

// One window of a plan as the contract shows it, outcome "planned".
v1::FaultWindow ToWindowProto(const CampaignPlan& plan, const PlannedWindow& window, int index);

// The record of a campaign that starts now. `name` is its resource name.
v1::Campaign NewCampaignRecord(const std::string& name, absl::string_view plan_yaml,
                               const CampaignPlan& plan, const Timeline& timeline, absl::Time start,
                               absl::Duration clock_offset);

// What a window asks the fault room for.
FaultRequest RequestOf(const CampaignPlan& plan, const PlannedWindow& window,
                       const std::string& campaign);

// The latest instant at which a fault may have ended, as known at `now`: its confirmed end, or what
// its own timer makes of it.
absl::Time LatestEnd(const FaultRecord& fault, absl::Time now);

// "RUNNING", "COMPLETED" ...
std::string CampaignStateWord(v1::CampaignState state);

}  // namespace grayling

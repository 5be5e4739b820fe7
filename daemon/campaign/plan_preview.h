#pragma once

#include <vector>

#include "daemon/campaign/plan.h"
#include "daemon/campaign/timeline.h"
#include "daemon/load/load_generator.h"
#include "grayling/v1/campaign.pb.h"

namespace grayling {

// How many windows of each kind, service, load and intensity, sorted by them.
std::vector<v1::WindowClass> WindowClasses(const CampaignPlan& plan, const Timeline& timeline);

// All that can be said of a campaign before it runs. The estimate of its traffic rests on what the
// last load measured, where it measured anything.
v1::PlanCampaignResponse PreviewOf(const CampaignPlan& plan, const Timeline& timeline,
                                   const LoadStatistics& last_load,
                                   const LoadSettings& last_settings);

}  // namespace grayling

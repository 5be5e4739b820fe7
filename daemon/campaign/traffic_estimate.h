#pragma once

#include <string>

#include "absl/time/time.h"
#include "daemon/campaign/plan.h"
#include "daemon/campaign/timeline.h"
#include "daemon/load/load_generator.h"
#include "grayling/v1/campaign.pb.h"

namespace grayling {

// "35 users", or "200 requests/s" of an open loop.
std::string ClientsOf(const LoadSettings& settings);

// Requests per second of `users` in a closed loop, by the interactive response time law
// X = N/(R+Z) (Denning & Buzen, "The Operational Analysis of Queueing Network Models", 1978).
double ClosedLoopRate(const LoadSettings& settings, absl::Duration response_time);

// The rate of either model: an open one has its own, as far as its bound on requests in flight lets
// it through.
double RateOf(const LoadSettings& settings, absl::Duration response_time);

// What a plan asks of the application if every answer takes as long as in quiet: faults and
// overload make it less. Users enter evenly over the ramp-up, after every change of load. Response
// time and body size are those of the last load when it had the plan's mix and at least a hundred
// answers, else those of a table for the mix; `basis` says which.
v1::TrafficEstimate EstimateTraffic(const CampaignPlan& plan, const Timeline& timeline,
                                    const LoadStatistics& last, const LoadSettings& last_settings);

}  // namespace grayling

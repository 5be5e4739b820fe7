#pragma once

#include <set>
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

// What a window of a record asks the fault room for. The record, not the plan, says it: a value
// that was looked up when the campaign started stays the same after a restart.
FaultRequest RequestOf(const v1::FaultWindow& window, const std::string& campaign);

// The services that a record's windows act on.
std::set<std::string> ServicesOf(const v1::Campaign& campaign);

// The latest instant at which a fault may have ended, as known at `now`: its confirmed end, or what
// its own timer makes of it.
absl::Time LatestEnd(const FaultRecord& fault, absl::Time now);

// OK only when a fault ended in the regular way, at an instant the guest told: it gives a label.
absl::Status CheckEnd(const FaultRecord& fault);

// Puts a window's try aside, so that it can be tried again: its outcome is "planned" after this.
void PutAttemptAside(v1::FaultWindow& window);

// Writes the end of every try that has none yet, as far as `faults` knows it at `now`: a fault that
// is confirmed late, or an upper bound. A window that failed for nothing but an unconfirmed end
// becomes "done" when that turns out to be exact.
void AdoptLateEnds(v1::Campaign& campaign, Faults& faults, absl::Time now);

// Marks the windows that were under way when a daemon stopped: "invalid: the daemon stopped ...".
// Returns how many.
int SpoilWindowsUnderWay(v1::Campaign& campaign);

// Whether somebody paused it, who must resume it: no guard will.
bool IsPausedByRequest(const v1::Campaign& campaign);

// "RUNNING", "COMPLETED" ...
std::string CampaignStateWord(v1::CampaignState state);

inline constexpr char kDaemonStopped[] = "the daemon stopped during it";

}  // namespace grayling

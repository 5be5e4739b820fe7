#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/campaign/plan.h"

namespace grayling {

// One fault window, in offsets since the campaign's start. The fault acts in [start, end);
// [before, start) and [end, after) are the healthy stretches that belong to it.
struct PlannedWindow {
  std::string group;  // r1, r2, ...: the repetition
  std::string kind;
  std::string service;
  std::map<std::string, double> parameters;
  absl::Duration before;
  absl::Duration start;
  absl::Duration end;
  absl::Duration after;
};

struct Timeline {
  std::vector<PlannedWindow> windows;  // in time order, without overlap
  absl::Duration duration;             // with warm-up and cool-down
};

// Lays a plan out. Pure: equal plans give equal timelines on every machine. Random order shuffles
// within each repetition.
Timeline LayOut(const CampaignPlan& plan);

}  // namespace grayling

#pragma once

#include <cstddef>
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
  std::string kind;   // kBaselineKind: no fault acts
  std::string service;
  // The intensity is NaN, which no injector takes, while it is gray and not resolved yet.
  std::map<std::string, double> parameters;
  absl::Duration before;
  absl::Duration start;
  absl::Duration end;
  absl::Duration after;
  std::map<std::string, std::string> options = {};
  FaultShape shape = FaultShape();
  std::string backend = "native";
  std::vector<std::string> arguments = {};
  double gray_percent = 0;  // 20 for gray(20%); 0: the plan says a number
  size_t load = 0;          // index in the plan's loads

  bool IsBaseline() const { return kind == kBaselineKind; }
};

// From `at` on the load of `level` runs. The time until the next window's `before` covers its
// ramp-up.
struct LoadChange {
  absl::Duration at;
  size_t level = 0;
};

struct Timeline {
  std::vector<PlannedWindow> windows;    // in time order, without overlap
  absl::Duration duration;               // with warm-up and cool-down
  std::vector<LoadChange> load_changes;  // the first at 0; always between windows
};

// Lays a plan out. Pure: equal plans give equal timelines on every machine. Random order shuffles
// within each repetition. May have no windows when all cells were covered before.
Timeline LayOut(const CampaignPlan& plan);

// "20%" for a gray window, else empty: what FaultWindow.gray says.
std::string GrayText(const PlannedWindow& window);

}  // namespace grayling

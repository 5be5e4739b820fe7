#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/load/load_generator.h"

namespace grayling {

// How long each part lasts. `before` and `after` belong to every window.
struct CampaignPhases {
  absl::Duration warmup;
  absl::Duration before;
  absl::Duration during;
  absl::Duration after;
  absl::Duration cooldown;
};

enum class WindowOrder { kSequential, kRandom };

// One line of the plan's faults: a window for each of its services, in each repetition.
struct PlannedFault {
  std::string kind;
  std::vector<std::string> services;
  // One complete set of parameters for each repetition.
  std::vector<std::map<std::string, double>> parameters;
};

// What a campaign's YAML says, checked.
struct CampaignPlan {
  std::string name;
  std::string vm;  // vms/lab
  // base_url as written: http://127.0.0.1:PORT, or forward:PORT for the VM's forward of that port.
  LoadSettings load;
  std::vector<std::string> scrape;  // ids of scrape targets that must exist
  CampaignPhases phases;
  WindowOrder order = WindowOrder::kSequential;
  uint64_t order_seed = 1;
  int repetitions = 1;
  std::vector<PlannedFault> faults;
};

// Strict: unknown, repeated or missing keys, wrong types, values out of range and more than 10,000
// windows or 7 days are INVALID_ARGUMENT, one sentence with line and column and what would be
// right.
absl::StatusOr<CampaignPlan> ParsePlan(absl::string_view yaml);

}  // namespace grayling

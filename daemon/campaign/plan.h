#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/fault_shape.h"
#include "daemon/campaign/guard_rule.h"
#include "daemon/load/load_generator.h"

namespace grayling {

// The kind of a window in which no fault acts.
inline constexpr char kBaselineKind[] = "none";

// How long each part lasts. `before` and `after` belong to every window; `gap` is a healthy stretch
// between two windows that belongs to neither.
struct CampaignPhases {
  absl::Duration warmup;
  absl::Duration before;
  absl::Duration during;
  absl::Duration after;
  absl::Duration cooldown;
  absl::Duration gap = absl::ZeroDuration();
};

enum class WindowOrder { kSequential, kRandom, kRoundRobinBudget };

// A service of the plan, and why it was chosen.
struct PlannedService {
  std::string name;
  std::string reason;
};

// A number, or gray(20%): what takes that share of their throughput from the clients by a
// calibration, which ResolveGray() looks up for each service.
struct PlannedIntensity {
  double value = 0;
  double gray_percent = 0;                        // 0: `value` is meant
  std::map<std::string, double> by_service = {};  // gray only, once resolved

  bool IsGray() const { return gray_percent > 0; }
};

// One line of the plan's faults: a window for each of its services and intensities and each load
// level, in each repetition.
struct PlannedFault {
  std::string kind;
  std::vector<std::string> services;  // one empty name when the fault acts on the VM itself
  // One complete set of parameters for each repetition.
  std::vector<std::map<std::string, double>> parameters;
  // What takes the place of the kind's first parameter, one cell of the matrix for each; empty: it
  // stands in `parameters`.
  std::vector<PlannedIntensity> intensities = {};
  std::map<std::string, std::string> options = {};  // complete
  FaultShape shape = FaultShape();
  std::string backend = "native";
  std::vector<std::string> arguments = {};  // kind blade only
};

// A load that windows run under; the name is empty when the plan has one only.
struct LoadLevel {
  std::string name;
  LoadSettings settings;
};

// How often a cell of the matrix was covered by earlier campaigns.
struct CoveredCell {
  std::string kind;
  std::string service;
  std::optional<PlannedIntensity> intensity;  // absent: of every intensity
  std::string load;                           // empty: under every load
  int windows = 0;
};

enum class AfterRetries { kSkip, kAbort };

// What a plan wants done with a window that failed.
struct FailureRule {
  int retries = 0;
  AfterRetries then = AfterRetries::kSkip;
};

// What a campaign's YAML says, checked.
struct CampaignPlan {
  std::string name;
  std::string vm;                        // vms/lab
  std::vector<PlannedService> services;  // empty when the plan does not list them
  // base_url as written: http://127.0.0.1:PORT, or forward:PORT for the VM's forward of that port.
  // The first of `loads`, which is the one that the campaign starts with.
  LoadSettings load;
  std::vector<LoadLevel> loads;     // at least one after ParsePlan(); empty means `load` alone
  std::vector<std::string> scrape;  // ids of scrape targets that must exist
  CampaignPhases phases;
  WindowOrder order = WindowOrder::kSequential;
  uint64_t order_seed = 1;
  std::vector<CoveredCell> covered;  // round-robin-budget only
  // Also the budget of a cell in round-robin-budget.
  int repetitions = 1;
  int baseline = 0;  // windows without a fault, for each load level
  std::vector<PlannedFault> faults;
  std::vector<GuardRule> guards;
  // Absent: windows are not tried again, and the runner decides when it gives up.
  std::optional<FailureRule> on_failure;
  std::string notes;
  bool annotate = false;  // windows become Grafana annotations
};

// Strict: unknown, repeated or missing keys, wrong types, values out of range and more than 10,000
// windows or 7 days are INVALID_ARGUMENT, one sentence with line and column and what would be
// right.
absl::StatusOr<CampaignPlan> ParsePlan(absl::string_view yaml);

}  // namespace grayling

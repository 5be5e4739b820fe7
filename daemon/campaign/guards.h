#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/campaign/guard_rule.h"
#include "daemon/load/load_generator.h"

namespace grayling {

// What guards look at, at one moment. NaN: nothing was measured.
struct GuardReadings {
  GuardReadings();

  double error_share;  // 0 to 1, over the last second
  double p50_ms;
  double p95_ms;
  double p99_ms;
  double requests_per_second;
  double disk_free_mib;
  double guest_silent_s;
  // 1 = not healthy. A service that is not in here was not measured.
  std::map<std::string, double> unhealthy;

  double Of(const GuardRule& rule) const;
};

// A guard that has just fired, or has just let go.
struct GuardTurn {
  size_t rule = 0;  // its index
  bool fired = false;
  double value = 0;      // the one that caused it
  std::string readings;  // all that was measured, for people: "errors 27.5 %, p95 812 ms, ..."
};

// The hysteresis of a plan's guards. A guard fires once its condition has held in every step over
// `hold`, and lets go once it has held in none over `clear`; a single step to the contrary begins
// the time anew. Pure: time and readings are given in. Not thread-safe.
class GuardEvaluator {
 public:
  explicit GuardEvaluator(std::vector<GuardRule> rules);

  // Times must not fall. Turns are in the order of the rules.
  std::vector<GuardTurn> Step(absl::Time now, const GuardReadings& readings);

  const std::vector<GuardRule>& rules() const { return rules_; }
  bool HasFired(size_t rule) const { return states_[rule].fired; }
  // The first fired rule with that action.
  std::optional<size_t> FirstFired(GuardAction action) const;

 private:
  struct State {
    bool fired = false;
    // Since when every step contradicted `fired`; InfiniteFuture: the last one did not.
    absl::Time contradicted_since = absl::InfiniteFuture();
  };

  const std::vector<GuardRule> rules_;
  std::vector<State> states_;
};

// Makes a second's readings of a load's running totals. While the load does not run nothing is
// measured, and no rate until all its users are there. Not thread-safe.
class LoadReadings {
 public:
  void Read(absl::Time now, const LoadStatistics& statistics, absl::Duration ramp_up,
            GuardReadings& readings);

 private:
  bool was_running_ = false;
  absl::Time running_since_;
  uint64_t requests_ = 0;
  uint64_t errors_ = 0;
};

}  // namespace grayling

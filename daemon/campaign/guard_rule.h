#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace grayling {

// What a guard looks at, once a second. The unit of its threshold is that of the value.
enum class GuardQuantity {
  kErrors,  // share of the last second's requests that failed, 0 to 1
  kP50,     // the clients' latency over the last second, in ms
  kP95,
  kP99,
  kRequestsPerSecond,  // over the last second
  kDiskFree,           // MiB left where the daemon keeps its samples
  kGuestSilent,        // seconds since the guest last answered
  kUnhealthy,          // 1 while `service` is not healthy in the observer's eyes, else 0
};

enum class GuardComparison { kAbove, kBelow };

enum class GuardAction { kAbort, kPause, kSkip };

// One guard of a plan: it fires when its condition has held without a break for `hold`, and lets go
// when the condition has been absent without a break for `clear`.
struct GuardRule {
  std::string text;  // as written: errors > 20%
  GuardQuantity quantity = GuardQuantity::kErrors;
  std::string service;  // kUnhealthy only
  GuardComparison comparison = GuardComparison::kAbove;
  double threshold = 0;
  absl::Duration hold = absl::Seconds(3);
  absl::Duration clear = absl::Seconds(5);
  GuardAction action = GuardAction::kAbort;

  // Whether the condition holds for what was measured. Never for NaN: nothing measured is no news.
  bool Holds(double value) const {
    return comparison == GuardComparison::kAbove ? value > threshold : value < threshold;
  }
};

// Reads a condition: `errors > 20%`, `p50_ms | p95_ms | p99_ms > MS`, `requests_per_second < N`,
// `disk_free_mib < N`, `guest silent > 10s`, `health SERVICE unhealthy`. Everything but the
// condition has its default. INVALID_ARGUMENT with one sentence that shows how a rule looks.
absl::StatusOr<GuardRule> ParseGuardRule(absl::string_view text);

// "abort", "pause", "skip"; INVALID_ARGUMENT naming these.
absl::StatusOr<GuardAction> ParseGuardAction(absl::string_view word);
std::string GuardActionWord(GuardAction action);

// A value as people read it: "27.5 %", "812 ms", "12 s", "unhealthy".
std::string GuardValueText(GuardQuantity quantity, double value);

}  // namespace grayling

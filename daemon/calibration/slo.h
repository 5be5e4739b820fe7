#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/calibration/client_stretch.h"

namespace grayling {

// What clients were promised: a list of upper limits.
struct Slo {
  struct Limit {
    std::string quantity;  // mean, p50, p95, p99 (ms) or errors (%)
    double limit = 0;
  };
  std::vector<Limit> limits;
  std::string text;  // as it was written
};

// "p95<=200ms,errors<=1%": latencies in ms or s, errors in %. INVALID_ARGUMENT with what would be
// right.
absl::StatusOr<Slo> ParseSlo(absl::string_view text);

// The limits that `stretch` breaks, for people: "p95 is 312 ms, above 200 ms". Empty: kept.
std::string BrokenLimits(const Slo& slo, const ClientStretch& stretch);

}  // namespace grayling

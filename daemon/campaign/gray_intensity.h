#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/campaign/plan.h"

namespace grayling {

// The calibrated intensity at which clients of `service` in `vm` lose `target_percent`. NOT_FOUND
// when there is no such calibration; any other error tells why it gives no value.
using GrayLookup =
    std::function<absl::StatusOr<double>(const std::string& vm, const std::string& kind,
                                         const std::string& service, double target_percent)>;

// The plan with every gray(...) replaced, for each service, by what the lookup says; the target
// stays in it as a label. FAILED_PRECONDITION when a value is missing or outside of what the kind
// allows; the sentence tells which `grayling fault calibrate` command to run. A plan without
// gray(...) is returned as it is, and the lookup is not asked.
absl::StatusOr<CampaignPlan> ResolveGray(CampaignPlan plan, const GrayLookup& lookup);

// Reads "gray(20%)": the percentage. NOT_FOUND when the text is nothing like it (say, a number);
// INVALID_ARGUMENT when it is wrong.
absl::StatusOr<double> ParseGray(absl::string_view text);

// "20%" for 20, "12.5%" for 12.5.
std::string GrayPercentText(double percent);

}  // namespace grayling

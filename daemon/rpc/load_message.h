#pragma once

#include "absl/status/statusor.h"
#include "daemon/calibration/load_limit.h"
#include "daemon/load/load_generator.h"
#include "grayling/v1/load.pb.h"

namespace grayling {

// The settings that a spec asks for. INVALID_ARGUMENT for times that are no numbers, a mix that is
// none, and both a rate and a JMeter plan; the generator checks the rest.
absl::StatusOr<LoadSettings> LoadSettingsOf(const v1::LoadSpec& spec);

// The load as the contract shows it. An own mix is shown by its name alone.
v1::Load ToLoadProto(const LoadSettings& settings, const LoadStatistics& statistics);

// What is looked for; zeros become the contract's defaults. INVALID_ARGUMENT as above, and for
// limits that are none.
absl::StatusOr<LoadLimitRequest> LoadLimitRequestOf(const v1::CalibrateLoadRequest& request);

v1::CalibrateLoadResponse ToProto(const LoadLimitPoint& point);

}  // namespace grayling

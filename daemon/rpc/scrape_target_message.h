#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/metrics/scrape_target.h"
#include "grayling/v1/metric.pb.h"

namespace grayling {

// Unset fields get their defaults: a period of 1 s, a timeout of the period and at most 10 s, 16
// MiB of body, honoured timestamps. INVALID_ARGUMENT for a relabelling rule without an action and
// for an enumerator that this daemon does not know. Pure.
absl::StatusOr<ScrapeTargetSettings> SettingsOf(const std::string& name,
                                                const v1::ScrapeTarget& message);

// The settings alone, as they are kept. Pure.
v1::ScrapeTarget MessageOf(const ScrapeTargetSettings& settings);

// The settings and how the last scrape went. Pure.
v1::ScrapeTarget MessageOf(const ScrapeTargetStatus& status);

}  // namespace grayling

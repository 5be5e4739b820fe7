#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "ml/core/dataset.h"
#include "ml/core/describe_phases.h"

namespace grayling {

// A column that follows the fault: in each event the same metric of the service at fault. A fault
// that visits one service after the other shows in none of their columns throughout.
struct TargetColumn {
  std::string name;  // "(faulty)/metric", or "*>(faulty)/metric": the mean over its callers
  std::map<std::string, std::vector<Eigen::Index>> columns;  // by service
};

// For the services that windows name; empty when they name fewer than two.
std::vector<TargetColumn> TargetColumnsOf(const Dataset& dataset);

// The values around each event, one vector per run of the data set; NaN elsewhere, and around
// events whose service is unknown or has no such column. Where events overlap the later one's
// count.
std::vector<std::vector<float>> ValuesOfTarget(const Dataset& dataset, const TargetColumn& target,
                                               absl::Span<const EventPhases> events);

}  // namespace grayling

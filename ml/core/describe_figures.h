#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ml/core/describe.h"

namespace grayling {

// The `top` columns of a kind as bars of Cliff's delta during against before, with intervals. SVG.
std::string DrawEffects(const KindDescription& kind, int top);

// How the `top` columns go through the events of a kind: median and quartiles over events against
// the time since the start in lengths of the window, -1 to 2; the fault is shaded. Rows of other
// windows' faults and recoveries are left out. SVG.
std::string DrawCourses(const Dataset& dataset, const KindDescription& kind,
                        const DescribeSettings& settings, int top);

// Writes both figures of every kind into `folder`, which is made when missing, and returns the
// files' paths. UNAVAILABLE when that fails.
absl::StatusOr<std::vector<std::string>> WriteFigures(const Dataset& dataset,
                                                      const Description& description,
                                                      const DescribeSettings& settings,
                                                      const std::string& folder, int top);

}  // namespace grayling

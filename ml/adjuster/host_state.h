#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ml/core/dataset.h"

namespace grayling {

// The columns that tell the state of the hosts, as indices. `wanted` is "auto" or names separated
// by commas, each with '*' for any characters. "auto" takes columns whose metric name speaks of a
// machine's resources (cpu, memory, disk, network, load, pressure and the like) and not of requests
// (latency, duration, errors, rate of requests): what the clients see would explain the KPI with
// itself. The KPI is never among them, nor is what denoising added (#mask, #residual).
// INVALID_ARGUMENT when a name matches nothing, or "auto" finds no column.
absl::StatusOr<std::vector<size_t>> HostColumns(absl::Span<const std::string> columns, size_t kpi,
                                                absl::string_view wanted);

// Rows x 3 columns.size(): the quartiles (25, 50, 75 %) of each column's last `window` values, as
// in TUNA's noise adjuster, over trailing rows only. A missing cell leaves them as they were; NaN
// until the first value.
Matrix HostState(const Run& run, absl::Span<const size_t> columns, int window);

}  // namespace grayling

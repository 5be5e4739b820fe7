#pragma once

#include <vector>

#include "absl/types/span.h"
#include "ml/core/column_scale.h"
#include "ml/core/dataset.h"

namespace grayling {

// Columns whose healthy level is another one in every recording (the same service on another
// machine, another amount of traffic) must not be told by level: a network would take the next
// recording for one long fault. Their scales get an unknown location (scale.h), so that each run is
// measured against its own first rows, and are those of the deviations from each run's own median.
// Which columns: where the healthy medians of the runs differ by more than 1.5 such scales; all of
// them where the runs are of one group, since then nothing is known about other recordings.
// `scales` belong to the columns of run.values at `positions`; `healthy` has a flag per run and
// row.
void ForgetUnsteadyLevels(absl::Span<const Run* const> runs,
                          absl::Span<const std::vector<bool>> healthy,
                          absl::Span<const Eigen::Index> positions,
                          std::vector<ColumnScale>& scales);

}  // namespace grayling

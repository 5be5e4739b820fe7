#pragma once

#include <array>
#include <vector>

#include "absl/types/span.h"
#include "ml/core/describe.h"
#include "ml/core/describe_phases.h"
#include "ml/core/statistics.h"

namespace grayling {

// One column of a data set in contiguous memory.
struct ColumnValues {
  std::vector<std::vector<float>> runs;  // one per run of the data set; NaN is missing
  std::vector<float> baseline;           // ascending, known values of the runs without a window
  RankReference against_baseline;        // looks into `baseline`
};

// `column` without intervals, and per comparison the delta of each event (NaN without rows), in the
// order of `events`.
struct ColumnOfKind {
  ColumnDescription column;
  std::array<std::vector<float>, kComparisons.size()> deltas;
};

// Everything that one column's values say about the events of one kind. Pure.
ColumnOfKind DescribeColumn(const Dataset& dataset, const ColumnValues& values,
                            absl::Span<const EventPhases> events);

}  // namespace grayling

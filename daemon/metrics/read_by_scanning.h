#pragma once

#include "daemon/metrics/sample_store.h"

namespace grayling {

// SampleStore::Read by way of Scan, for a store that keeps no series by themselves: it reads
// everything between `from` and `to`, and holds what was asked for in memory.
absl::Status ReadByScanning(SampleStore& store, absl::Span<const SeriesId> series, absl::Time from,
                            absl::Time to,
                            absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit);

}  // namespace grayling

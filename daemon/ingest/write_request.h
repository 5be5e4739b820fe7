#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/ingest/series_keys.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// The canonical text of a series, given the raw bytes of its labels in a remote-write request (the
// `labels` fields of a prometheus.TimeSeries, tags included). Unsorted labels are sorted and empty
// ones left out, as Prometheus's own receiver does. INVALID_ARGUMENT for a label given twice, one
// without a name, a series without __name__, or text that is no UTF-8. Pure.
absl::StatusOr<std::string> SeriesOfLabels(absl::string_view raw_labels);

// Fills `batch` (all but its target) from a prometheus.WriteRequest of remote write 1.0. Values are
// taken bit by bit, so stale markers stay. Exemplars, native histograms and metadata are passed
// over. INVALID_ARGUMENT, with the byte, when the message is damaged, and for a time outside the
// years 1970 to 9999; other errors are the store's. On an error the batch is incomplete. In steady
// state nothing is allocated.
absl::Status ReadWriteRequest(absl::string_view message, SeriesKeys& keys, SampleBatch& batch);

}  // namespace grayling

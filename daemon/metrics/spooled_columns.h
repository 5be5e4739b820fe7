#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// The columns of a batch as plain bytes of this host: the count, then either one instant or one for
// each sample, the ids, the values. For files that live for minutes; nothing is compressed. Pure.
std::string SpooledColumns(const SampleBatch& batch);

// Appends the samples of `blob` to the columns. DATA_LOSS when the blob is damaged.
absl::Status AppendSpooledColumns(absl::string_view blob, std::vector<SeriesId>& series,
                                  std::vector<int64_t>& times_ms, std::vector<double>& values);

}  // namespace grayling

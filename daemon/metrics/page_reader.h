#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/metrics/exposition_parser.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/series_cache.h"

namespace grayling {

// What a page lost on its way into a batch.
struct PageLosses {
  size_t malformed = 0;
  size_t repeated = 0;  // samples of a series that the page had already; the newest stamp is kept
  std::string first;    // the first malformed line, in words; empty without one
};

// Appends the page's samples to `batch`: one per series. The samples' own timestamps only decide
// between repeats; the batch has one instant. On an error, which is the store's, the batch is
// incomplete.
absl::StatusOr<PageLosses> ReadPage(absl::string_view page, ExpositionFormat format,
                                    SeriesCache& cache, SampleBatch& batch);

}  // namespace grayling

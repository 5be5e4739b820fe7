#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/metrics/exposition_parser.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/series_cache.h"

namespace grayling {

// Stamps further ahead of this host's clock than this are refused, as Prometheus does.
inline constexpr absl::Duration kFurthestStampAhead = absl::Minutes(10);
inline constexpr size_t kShownMalformedLines = 5;

struct PageRules {
  ExpositionFormat format = ExpositionFormat::kPrometheusText;
  // True: a sample keeps the stamp that the page gives it, and a series may have several in one
  // page. False: every sample is of the batch's instant, and of repeats the newest stamp is kept.
  bool honor_timestamps = true;
  // True: the end of a series whose samples have stamps of their own is marked too.
  bool track_timestamps_staleness = false;
};

struct MalformedLine {
  size_t line = 0;     // from 1; 0: the page as a whole
  std::string reason;  // a sentence
  std::string text;    // its beginning, valid UTF-8
};

// What a page held and what of it was lost on the way into a batch.
struct PageFigures {
  size_t samples = 0;    // well-formed ones
  size_t stored = 0;     // of them: put into the batch
  size_t dropped = 0;    // of them: dropped by relabelling
  size_t repeated = 0;   // of them: another sample took their place, or they were stored before
  size_t stale = 0;      // markers put into the batch for series that are gone
  size_t malformed = 0;  // lines
  std::vector<MalformedLine> first;  // the first kShownMalformedLines of them
};

// Appends the page's samples to `batch`, whose time_ms is set, then a stale marker for every series
// that the cache's last page had and this one has not. A sample with the stamp and the value that
// its series had last time is not appended again. On an error, which is the store's, the batch is
// incomplete. Does not allocate where the page has the series of the page before and the batch's
// columns have their capacity.
absl::StatusOr<PageFigures> ReadPage(absl::string_view page, const PageRules& rules,
                                     SeriesCache& cache, SampleBatch& batch);

// Instead of a page, when there is none: a stale marker for every series that the last page had.
// Returns how many.
size_t EndSeries(SeriesCache& cache, SampleBatch& batch);

}  // namespace grayling

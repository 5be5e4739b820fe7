#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "daemon/metrics/series_selector.h"

namespace grayling {

// Dense, from 0, stable for the life of the store's file.
using SeriesId = uint32_t;

// The samples of one scrape, one report or one message: parallel columns.
struct SampleBatch {
  std::string target;  // who produced it: scrapeTargets/probe, load
  int64_t time_ms = 0;
  std::vector<SeriesId> series;
  std::vector<double> values;  // same length as `series`
  // Empty when every sample is of `time_ms`; else one instant a sample.
  std::vector<int64_t> times_ms = {};

  int64_t TimeOf(size_t i) const { return times_ms.empty() ? time_ms : times_ms[i]; }
};

// The value that ends a series until its next sample: a NaN with Prometheus's own bits (its
// model/value/value.go, StaleNaN). A store keeps every value bit by bit.
inline constexpr uint64_t kStaleBits = 0x7ff0000000000002;
inline double StaleMarker() { return std::bit_cast<double>(kStaleBits); }
inline bool IsStale(double value) { return std::bit_cast<uint64_t>(value) == kStaleBits; }

// Samples of one series: times strictly increasing, both of one length.
struct SeriesSamples {
  absl::Span<const int64_t> times_ms;
  absl::Span<const double> values;
};

// [begin, end).
struct TimeRange {
  absl::Time begin;
  absl::Time end;
};

struct StoreFigures {
  uint64_t series = 0;
  uint64_t waiting_samples = 0;  // taken and not yet on disk
  uint64_t bytes_on_disk = 0;    // 0 where the store cannot tell
  // Empty, or why new samples are refused now.
  std::string refusal;
};

// Told of every batch that was appended, in the appending thread. Must return quickly.
class BatchListener {
 public:
  virtual ~BatchListener() = default;
  virtual void OnBatch(const SampleBatch& batch) = 0;
  // Told of samples that the store refused or a listener had to drop.
  virtual void OnLost(size_t /*samples*/) {}
  // Samples that this listener itself had to drop since the last call.
  virtual size_t TakeDropped() { return 0; }
};

// The seam to where samples are kept. Thread-safe.
class SampleStore {
 public:
  virtual ~SampleStore() = default;

  // The id of a series, given its canonical text: name{a="x",b="y"}, labels sorted by name.
  virtual absl::StatusOr<SeriesId> Intern(absl::string_view series) = 0;
  // NOT_FOUND for an id that was never given out.
  virtual absl::StatusOr<std::string> Text(SeriesId id) = 0;
  virtual absl::StatusOr<std::vector<std::string>> ListSeries() = 0;

  // Takes the batch; it can be scanned at once, and it is on disk at most 1 s later.
  // RESOURCE_EXHAUSTED when the disk is full: the batch is refused, reads go on.
  virtual absl::Status Append(const SampleBatch& batch) = 0;
  // Returns when everything appended so far is on disk.
  virtual absl::Status Flush() = 0;
  // Every sample with from <= time < to, in time order. Each visited batch is one instant, with
  // `times_ms` empty; one instant may come in several batches, and `target` may be empty. Of
  // samples of one series and one instant the last one written is the last one visited. Stops at
  // the callback's first error.
  virtual absl::Status Scan(absl::Time from, absl::Time to,
                            absl::FunctionRef<absl::Status(const SampleBatch&)> visit) = 0;

  // The ids of the series that the selector takes, ascending.
  virtual absl::StatusOr<std::vector<SeriesId>> Select(const SeriesSelector& selector) = 0;
  // The samples with from <= time < to of each of `series`, one series after the other in the
  // order given; of samples with equal times the one written last. A series without samples is not
  // visited. The spans live as long as the call of `visit`. Stops at the callback's first error.
  // NOT_FOUND for an id that was never given out, DATA_LOSS when the file is damaged there.
  virtual absl::Status Read(
      absl::Span<const SeriesId> series, absl::Time from, absl::Time to,
      absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit) = 0;

  // Forgets the samples before `before` that lie in none of the `kept` ranges; the series' ids
  // stay. May keep a little more, never less. UNIMPLEMENTED where another server decides that.
  virtual absl::Status Expire(absl::Time before, absl::Span<const TimeRange> kept) = 0;
  virtual StoreFigures Figures() = 0;
};

}  // namespace grayling

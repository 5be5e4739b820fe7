#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace grayling {

// Dense, from 0, stable for the life of the store's file.
using SeriesId = uint32_t;

// The samples of one scrape or one report: one instant, parallel columns.
struct SampleBatch {
  std::string target;  // who produced it: scrapeTargets/probe, load
  int64_t time_ms = 0;
  std::vector<SeriesId> series;
  std::vector<double> values;  // same length as `series`
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
  // Batches with from <= time < to, in time order. Stops at the callback's first error.
  virtual absl::Status Scan(absl::Time from, absl::Time to,
                            absl::FunctionRef<absl::Status(const SampleBatch&)> visit) = 0;
};

}  // namespace grayling

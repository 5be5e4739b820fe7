#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "daemon/metrics/sample_snapshot.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// Reads series from chunks, rows and batches that are in memory only. It decodes only the chunks
// and rows that can hold them, for as many series at a time as fit in some 64 MB.
class SeriesReader {
 public:
  // `unsaved` are newer than the snapshot, in the order written.
  SeriesReader(SampleSnapshot& snapshot, const std::vector<SampleBatch>& unsaved, int64_t from_ms,
               int64_t to_ms)
      : snapshot_(snapshot), unsaved_(unsaved), from_ms_(from_ms), to_ms_(to_ms) {}

  // All samples of `series` that are rows came from `targets`. As SampleStore::Read otherwise.
  absl::Status Read(absl::Span<const SeriesId> series, const std::vector<int64_t>& targets,
                    absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit);

 private:
  struct Column {
    std::vector<int64_t> times_ms;
    std::vector<double> values;
  };
  using Chunks = absl::flat_hash_map<int64_t, std::vector<StoredSpan>>;

  // The length of the run of series, from the first, that are read together; their chunks.
  absl::StatusOr<size_t> NextRun(absl::Span<const SeriesId> series, Chunks& chunks);
  absl::Status TakeChunks(const Chunks& chunks);
  void TakeBatch(const SampleBatch& batch);

  SampleSnapshot& snapshot_;
  const std::vector<SampleBatch>& unsaved_;
  const int64_t from_ms_;
  const int64_t to_ms_;
  absl::flat_hash_map<SeriesId, Column> columns_;  // of the run
  std::vector<double> values_;
};

}  // namespace grayling

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/metrics/sample_snapshot.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// All samples of a span of time in time order, from chunks, rows and batches that are in memory
// only. Works slice by slice: each is as long as some two million samples, so that memory stays
// bounded whatever the span; a chunk that reaches over several slices is decoded for each.
class SampleScan {
 public:
  // `unsaved` are newer than the snapshot, in the order written.
  SampleScan(SampleSnapshot& snapshot, const std::vector<SampleBatch>& unsaved, int64_t from_ms,
             int64_t to_ms);

  // As SampleStore::Scan.
  absl::Status Run(absl::FunctionRef<absl::Status(const SampleBatch&)> visit);

 private:
  struct Source {
    enum class Kind { kChunk, kRow, kUnsaved } kind = Kind::kChunk;
    StoredSpan span;
  };
  struct Sample {
    int64_t time_ms;
    uint32_t source;  // 0: a chunk; else an index into targets_
    SeriesId series;
    double value;
  };

  absl::Status PullChunks(int64_t end_ms);
  absl::Status PullSources(int64_t end_ms);
  // The first instant from `from_ms` on at which there may be a sample; to_ms_ without one.
  absl::StatusOr<int64_t> NextInstant(int64_t from_ms);
  int64_t Estimate(int64_t begin_ms, int64_t end_ms) const;
  absl::Status Collect(int64_t begin_ms, int64_t end_ms);
  absl::Status CollectChunk(const StoredSpan& span, int64_t begin_ms, int64_t end_ms);
  void CollectBatch(const SampleBatch& batch, int64_t begin_ms, int64_t end_ms);
  absl::Status Emit(absl::FunctionRef<absl::Status(const SampleBatch&)> visit);

  SampleSnapshot& snapshot_;
  const std::vector<SampleBatch>& unsaved_;
  const int64_t from_ms_;
  const int64_t to_ms_;
  std::vector<StoredSpan> page_;  // chunks not yet pulled
  size_t next_in_page_ = 0;
  bool more_pages_ = true;
  StoredSpan last_in_page_;
  std::vector<Source> waiting_;  // rows and unsaved batches not yet pulled, the earliest at the end
  std::vector<Source> active_;   // what may have samples in this slice
  std::vector<Sample> samples_;
  std::vector<std::string> targets_;
  std::vector<double> values_;
  SampleBatch batch_;
};

}  // namespace grayling

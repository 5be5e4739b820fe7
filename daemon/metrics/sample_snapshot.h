#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/metrics/sample_chunk_codec.h"
#include "daemon/metrics/sample_codec.h"
#include "daemon/metrics/sample_file.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/store/database.h"

namespace grayling {

// A row or a chunk without its bytes.
struct StoredSpan {
  int64_t id = 0;  // of a row its sequence number
  int64_t newest = 0;
  int64_t first_ms = 0;
  int64_t last_ms = 0;
  int64_t samples = 0;
};

// What the file held at one instant, whatever is written meanwhile. While it lives the file's log
// cannot be reused, so it should not live for hours. Not thread-safe.
class SampleSnapshot {
 public:
  static absl::StatusOr<std::unique_ptr<SampleSnapshot>> Open(const std::string& path);

  // Of the newest committed batch.
  int64_t last_sequence() const { return last_sequence_; }

  // The chunks of a bucket that overlap [from_ms, to_ms), older `newest` first.
  absl::StatusOr<std::vector<StoredSpan>> ChunksOf(int64_t bucket, int64_t from_ms, int64_t to_ms);
  // Up to `limit` chunks that overlap [from_ms, to_ms), by (first_ms, id), after `last` in that
  // order.
  absl::StatusOr<std::vector<StoredSpan>> ChunksAfter(const StoredSpan& last, int64_t from_ms,
                                                      int64_t to_ms, int limit);
  // The rows of `targets` (all targets where it is null) that overlap [from_ms, to_ms), by
  // sequence.
  absl::StatusOr<std::vector<StoredSpan>> Rows(const std::vector<int64_t>* targets, int64_t from_ms,
                                               int64_t to_ms);

  // The targets that have at least `rows` rows, or one that begins before `older_than_ms`.
  absl::StatusOr<std::vector<int64_t>> TargetsWithRows(int64_t rows, int64_t older_than_ms);
  // By number.
  absl::StatusOr<std::vector<std::string>> TargetNames();
  absl::StatusOr<int64_t> TargetOf(const StoredSpan& row);

  // The bytes of a chunk, opened; valid until the next call. DATA_LOSS when they are damaged.
  absl::StatusOr<SampleChunkCodec*> Chunk(const StoredSpan& span);
  // The batch of a row, with its target's name; valid until the next call.
  absl::StatusOr<const SampleBatch*> Row(const StoredSpan& span);

 private:
  explicit SampleSnapshot(SampleFile file);
  absl::Status Begin();

  const SampleFile file_;
  int64_t last_sequence_ = 0;
  Statement chunks_of_;
  Statement chunks_after_;
  Statement rows_;
  Statement rows_of_;
  Statement chunk_;
  Statement row_;
  absl::flat_hash_map<int64_t, std::string> targets_;
  SampleChunkCodec chunk_codec_;
  SampleCodec row_codec_;
  SampleBatch batch_;
};

}  // namespace grayling

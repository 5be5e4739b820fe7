#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/metrics/sample_chunk_codec.h"
#include "daemon/metrics/sample_snapshot.h"

namespace grayling {

struct EncodedChunk {
  int64_t bucket = 0;
  int64_t first_ms = 0;
  int64_t last_ms = 0;
  int64_t samples = 0;
  std::string blob = {};
};

// From rows to the chunks that replace them.
struct Transposition {
  std::vector<int64_t> sequences;  // of the rows, ascending; the last is the chunks' `newest`
  std::vector<EncodedChunk> chunks;
};

// Turns batches into chunks. Touches nothing on disk. Keeps its buffers. Not thread-safe.
class ChunkTransposer {
 public:
  // Takes the first of `rows` (by sequence), up to 512 or two million samples. They must be all
  // rows of a group of targets that shares no series with others (TargetGroups). Rows that cannot
  // be decoded stay out of the result; their sequence numbers are added to `damaged`.
  absl::StatusOr<Transposition> Transpose(SampleSnapshot& snapshot,
                                          absl::Span<const StoredSpan> rows,
                                          std::vector<int64_t>& damaged);

 private:
  void Take(const SampleBatch& batch);
  size_t SlotOf(size_t position, SeriesId series);
  absl::Status EncodeBucket(absl::Span<ChunkColumn> columns, std::vector<EncodedChunk>& chunks);

  SampleChunkCodec codec_;
  std::vector<ChunkColumn> columns_;  // the first `used_` count
  size_t used_ = 0;
  absl::flat_hash_map<SeriesId, size_t> slots_;
  // The columns of the batch before: the next one mostly has the same series in the same order.
  std::vector<size_t> before_;
};

}  // namespace grayling

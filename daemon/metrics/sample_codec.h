#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/zstd_frame.h"

namespace grayling {

// The columns of a batch as bytes: a checked zstd frame over the count, the ids' zigzag deltas as
// varints, where `times_ms` is not empty the instants' differences from their predecessors (the
// first from time_ms) as varints, and the doubles in byte planes. Keeps its buffers: no allocation
// once they have grown. Not thread-safe; one per thread.
class SampleCodec {
 public:
  // Replaces `blob`. The columns of `batch` have equal lengths, or `times_ms` is empty.
  absl::Status Encode(const SampleBatch& batch, std::string& blob);
  // Replaces all but `batch.target`. Also reads the first version's frames, which have neither a
  // checksum nor instants: then `batch.time_ms` stays. DATA_LOSS when the blob is damaged.
  absl::Status Decode(absl::string_view blob, SampleBatch& batch);

 private:
  ZstdFrame frame_;
  std::string plain_;
  std::vector<uint64_t> words_;
};

}  // namespace grayling

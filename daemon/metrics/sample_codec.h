#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/metrics/sample_store.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace grayling {

// The columns of a batch as bytes: zstd over the count, the ids' zigzag deltas as varints, and the
// doubles byte by byte (first all lowest bytes, and so on), which lets the equal upper bytes of
// neighbouring values compress. Keeps its buffers: no allocation once they have grown.
// Not thread-safe; one per thread.
class SampleCodec {
 public:
  SampleCodec();
  ~SampleCodec();

  // Replaces `blob`. `batch.series` and `batch.values` have equal lengths.
  absl::Status Encode(const SampleBatch& batch, std::string& blob);
  // Replaces `batch.series` and `batch.values`. DATA_LOSS when the blob is damaged.
  absl::Status Decode(absl::string_view blob, SampleBatch& batch);

 private:
  struct FreeCompressor {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  struct FreeDecompressor {
    void operator()(ZSTD_DCtx_s* context) const;
  };

  std::unique_ptr<ZSTD_CCtx_s, FreeCompressor> compressor_;
  std::unique_ptr<ZSTD_DCtx_s, FreeDecompressor> decompressor_;
  std::string plain_;
};

}  // namespace grayling

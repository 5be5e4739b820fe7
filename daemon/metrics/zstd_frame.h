#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace grayling {

// Bytes as one zstd frame with a checksum over its content, and back. Not thread-safe.
class ZstdFrame {
 public:
  ZstdFrame();
  ~ZstdFrame();

  // Replaces `frame`. `level` as zstd has it: negative ones are faster and larger.
  absl::Status Compress(absl::string_view plain, int level, std::string& frame);
  // Replaces `plain`. DATA_LOSS when a byte of the frame is wrong.
  absl::Status Decompress(absl::string_view frame, std::string& plain);
  static bool HasChecksum(absl::string_view frame);

 private:
  struct FreeCompressor {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  struct FreeDecompressor {
    void operator()(ZSTD_DCtx_s* context) const;
  };

  std::unique_ptr<ZSTD_CCtx_s, FreeCompressor> compressor_;
  std::unique_ptr<ZSTD_DCtx_s, FreeDecompressor> decompressor_;
};

// The one sentence for stored samples that cannot be read.
absl::Status DamagedSamples(absl::string_view what);

}  // namespace grayling

#include "daemon/metrics/zstd_frame.h"

#include <zstd.h>

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr uint64_t kLargestPlain = uint64_t{1} << 30;

}  // namespace

absl::Status DamagedSamples(absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("stored samples are damaged: ", what, "; restore samples.db from a copy"));
}

void ZstdFrame::FreeCompressor::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }
void ZstdFrame::FreeDecompressor::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

ZstdFrame::ZstdFrame() : compressor_(ZSTD_createCCtx()), decompressor_(ZSTD_createDCtx()) {
  ZSTD_CCtx_setParameter(compressor_.get(), ZSTD_c_checksumFlag, 1);
}
ZstdFrame::~ZstdFrame() = default;

absl::Status ZstdFrame::Compress(absl::string_view plain, int level, std::string& frame) {
  ZSTD_CCtx_setParameter(compressor_.get(), ZSTD_c_compressionLevel, level);
  frame.resize(ZSTD_compressBound(plain.size()));
  const size_t written =
      ZSTD_compress2(compressor_.get(), frame.data(), frame.size(), plain.data(), plain.size());
  if (ZSTD_isError(written) != 0) {
    return absl::InternalError(
        absl::StrCat("cannot compress samples: ", ZSTD_getErrorName(written)));
  }
  frame.resize(written);
  return absl::OkStatus();
}

// RFC 8878, section 3.1.1.1.1: bit 2 of the byte after the magic number.
bool ZstdFrame::HasChecksum(absl::string_view frame) {
  return frame.size() > 4 && (static_cast<uint8_t>(frame[4]) & 4) != 0;
}

absl::Status ZstdFrame::Decompress(absl::string_view frame, std::string& plain) {
  const uint64_t size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  // zstd's error codes are larger too.
  if (size > kLargestPlain) return DamagedSamples("their size is not plausible");
  plain.resize(size);
  const size_t read = ZSTD_decompressDCtx(decompressor_.get(), plain.data(), plain.size(),
                                          frame.data(), frame.size());
  if (ZSTD_isError(read) != 0) return DamagedSamples(ZSTD_getErrorName(read));
  if (read != size) return DamagedSamples("they are cut");
  return absl::OkStatus();
}

}  // namespace grayling

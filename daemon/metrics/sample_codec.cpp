#include "daemon/metrics/sample_codec.h"

#include <zstd.h>

#include <bit>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr int kLevel = 1;  // 3 gains 2 % here and costs twice the time
constexpr size_t kLargestPlain = size_t{1} << 30;

void AppendVarint(uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

bool TakeVarint(absl::string_view& in, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(in.front());
    in.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

void AppendShuffled(const std::vector<double>& values, std::string& out) {
  const size_t begin = out.size();
  const size_t count = values.size();
  out.resize(begin + 8 * count);
  char* planes = out.data() + begin;
  for (size_t i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<uint64_t>(values[i]);
    for (size_t plane = 0; plane < 8; ++plane) {
      planes[plane * count + i] = static_cast<char>(bits >> (8 * plane));
    }
  }
}

void Unshuffle(absl::string_view planes, std::vector<double>& values) {
  const size_t count = planes.size() / 8;
  values.resize(count);
  for (size_t i = 0; i < count; ++i) {
    uint64_t bits = 0;
    for (size_t plane = 0; plane < 8; ++plane) {
      bits |= static_cast<uint64_t>(static_cast<uint8_t>(planes[plane * count + i])) << (8 * plane);
    }
    values[i] = std::bit_cast<double>(bits);
  }
}

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("a stored batch of samples is damaged: ", what,
                                          "; restore samples.db from a copy"));
}

}  // namespace

void SampleCodec::FreeCompressor::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }
void SampleCodec::FreeDecompressor::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

SampleCodec::SampleCodec() : compressor_(ZSTD_createCCtx()), decompressor_(ZSTD_createDCtx()) {}
SampleCodec::~SampleCodec() = default;

absl::Status SampleCodec::Encode(const SampleBatch& batch, std::string& blob) {
  plain_.clear();
  AppendVarint(batch.series.size(), plain_);
  int64_t previous = -1;
  for (const SeriesId id : batch.series) {
    AppendVarint(ZigZag(static_cast<int64_t>(id) - previous), plain_);
    previous = id;
  }
  AppendShuffled(batch.values, plain_);
  blob.resize(ZSTD_compressBound(plain_.size()));
  const size_t written = ZSTD_compressCCtx(compressor_.get(), blob.data(), blob.size(),
                                           plain_.data(), plain_.size(), kLevel);
  if (ZSTD_isError(written) != 0) {
    return absl::InternalError(
        absl::StrCat("cannot compress a batch of samples: ", ZSTD_getErrorName(written)));
  }
  blob.resize(written);
  return absl::OkStatus();
}

absl::Status SampleCodec::Decode(absl::string_view blob, SampleBatch& batch) {
  const uint64_t size = ZSTD_getFrameContentSize(blob.data(), blob.size());
  if (size > kLargestPlain) return Damaged("its size is not plausible");  // also zstd's error codes
  plain_.resize(size);
  const size_t read = ZSTD_decompressDCtx(decompressor_.get(), plain_.data(), plain_.size(),
                                          blob.data(), blob.size());
  if (ZSTD_isError(read) != 0) return Damaged(ZSTD_getErrorName(read));
  absl::string_view rest = plain_;
  uint64_t count = 0;
  if (!TakeVarint(rest, count) || count > rest.size()) return Damaged("the count is wrong");
  batch.series.clear();
  int64_t previous = -1;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t delta = 0;
    if (!TakeVarint(rest, delta)) return Damaged("the series ids are cut");
    previous += UnZigZag(delta);
    batch.series.push_back(static_cast<SeriesId>(previous));
  }
  if (rest.size() != 8 * count) return Damaged("the values are cut");
  Unshuffle(rest, batch.values);
  return absl::OkStatus();
}

}  // namespace grayling

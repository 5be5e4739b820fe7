#include "daemon/metrics/sample_codec.h"

#include <cstring>

#include "base/status_macros.h"
#include "daemon/metrics/column_bytes.h"

namespace grayling {
namespace {

constexpr int kLevel = 1;

}  // namespace

absl::Status SampleCodec::Encode(const SampleBatch& batch, std::string& blob) {
  const size_t count = batch.series.size();
  plain_.clear();
  AppendVarint(count, plain_);
  AppendVarint(ZigZag(batch.time_ms), plain_);
  AppendVarint(batch.times_ms.empty() ? 0 : 1, plain_);
  int64_t previous = -1;
  for (const SeriesId id : batch.series) {
    AppendVarint(ZigZag(static_cast<int64_t>(id) - previous), plain_);
    previous = id;
  }
  uint64_t before = static_cast<uint64_t>(batch.time_ms);
  for (const int64_t time_ms : batch.times_ms) {
    const auto now = static_cast<uint64_t>(time_ms);  // unsigned: differences may wrap
    AppendVarint(ZigZag(static_cast<int64_t>(now - before)), plain_);
    before = now;
  }
  words_.resize(count);
  if (count > 0) std::memcpy(words_.data(), batch.values.data(), 8 * count);
  AppendPlanes(words_, 8, plain_);
  return frame_.Compress(plain_, kLevel, blob);
}

absl::Status SampleCodec::Decode(absl::string_view blob, SampleBatch& batch) {
  GRAYLING_RETURN_IF_ERROR(frame_.Decompress(blob, plain_));
  absl::string_view rest = plain_;
  uint64_t count = 0;
  uint64_t time_ms = 0;
  uint64_t has_times = 0;
  bool whole = TakeVarint(rest, count) && count <= rest.size();
  if (ZstdFrame::HasChecksum(blob)) {
    whole = whole && TakeVarint(rest, time_ms) && TakeVarint(rest, has_times);
    batch.time_ms = UnZigZag(time_ms);
  }
  if (!whole) return DamagedSamples("a batch's head is wrong");
  batch.series.resize(count);
  uint64_t delta = 0;
  uint64_t series = ~uint64_t{0};  // unsigned: damage may wrap
  for (SeriesId& id : batch.series) {
    if (!TakeVarint(rest, delta)) return DamagedSamples("a batch's series are cut");
    series += static_cast<uint64_t>(UnZigZag(delta));
    id = static_cast<SeriesId>(series);
    if (id != series) return DamagedSamples("a batch's series are no ids");
  }
  batch.times_ms.resize(has_times != 0 ? count : 0);
  auto before = static_cast<uint64_t>(batch.time_ms);
  for (int64_t& instant : batch.times_ms) {
    if (!TakeVarint(rest, delta)) return DamagedSamples("a batch's instants are cut");
    before += static_cast<uint64_t>(UnZigZag(delta));
    instant = static_cast<int64_t>(before);
  }
  if (rest.size() != 8 * count) return DamagedSamples("a batch's values are cut");
  words_.resize(count);
  ReadPlanes(rest, 8, absl::MakeSpan(words_));
  batch.values.resize(count);
  if (count > 0) std::memcpy(batch.values.data(), words_.data(), 8 * count);
  return absl::OkStatus();
}

}  // namespace grayling

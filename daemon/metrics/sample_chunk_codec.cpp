#include "daemon/metrics/sample_chunk_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/status_macros.h"
#include "daemon/metrics/column_bytes.h"

namespace grayling {
namespace {

constexpr int kLevel = 6;
constexpr size_t kMostDigits = 12;
constexpr double kPowers[kMostDigits + 1] = {1e0, 1e1, 1e2, 1e3,  1e4,  1e5, 1e6,
                                             1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
constexpr double kLargestExact = 9007199254740992.0;  // 2^53

// True when value = integer / 10^digits, bit by bit. Both are exact doubles, so that the quotient
// is the same for every larger number of digits within the bound.
bool AsDecimal(double value, size_t digits, int64_t& integer) {
  const double scaled = std::nearbyint(value * kPowers[digits]);
  if (!(std::abs(scaled) < kLargestExact)) return false;
  integer = static_cast<int64_t>(scaled);
  const double back = static_cast<double>(integer) / kPowers[digits];
  return std::bit_cast<uint64_t>(back) == std::bit_cast<uint64_t>(value);
}

size_t BytesOf(uint64_t largest) { return static_cast<size_t>(std::bit_width(largest) + 7) / 8; }

absl::Status Damaged() { return DamagedSamples("a chunk's columns do not fit together"); }

}  // namespace

size_t SampleChunkCodec::SharedTimes(absl::Span<const int64_t> times_ms) {
  for (size_t i = times_.size(); i-- > 0;) {
    if (absl::MakeConstSpan(times_[i]) == times_ms) return i;
  }
  times_.emplace_back(times_ms.begin(), times_ms.end());
  return times_.size() - 1;
}

bool SampleChunkCodec::EncodeDecimals(const std::vector<double>& values, Entry& entry) {
  size_t digits = 0;
  int64_t integer = 0;
  for (const double value : values) {
    while (!AsDecimal(value, digits, integer)) {
      if (++digits > kMostDigits) return false;
    }
  }
  integers_.clear();
  for (const double value : values) {
    if (!AsDecimal(value, digits, integer)) return false;  // grew beyond 2^53
    integers_.push_back(integer);
  }
  uint64_t bits[2] = {0, 0};
  uint64_t largest[2] = {0, 0};
  int64_t before = 0;
  for (size_t i = 1; i < integers_.size(); ++i) {
    const int64_t delta = integers_[i] - integers_[i - 1];
    const uint64_t orders[2] = {ZigZag(delta), ZigZag(delta - before)};
    for (int order = 0; order < 2; ++order) {
      bits[order] += static_cast<uint64_t>(std::bit_width(orders[order]));
      largest[order] = std::max(largest[order], orders[order]);
    }
    before = delta;
  }
  const bool second = bits[1] < bits[0];
  entry.kind = second ? Kind::kDeltaOfDelta : Kind::kDelta;
  entry.digits = digits;
  entry.first = ZigZag(integers_[0]);
  entry.width = BytesOf(largest[second ? 1 : 0]);
  words_.clear();
  before = 0;
  for (size_t i = 1; i < integers_.size(); ++i) {
    const int64_t delta = integers_[i] - integers_[i - 1];
    words_.push_back(ZigZag(second ? delta - before : delta));
    before = delta;
  }
  return true;
}

void SampleChunkCodec::EncodeValues(const std::vector<double>& values, Entry& entry) {
  const auto first = std::bit_cast<uint64_t>(values[0]);
  entry.kind = Kind::kConstant;
  entry.first = first;
  if (std::all_of(values.begin(), values.end(),
                  [first](double value) { return std::bit_cast<uint64_t>(value) == first; })) {
    return;
  }
  if (!EncodeDecimals(values, entry)) {
    entry.kind = Kind::kXor;
    entry.first = first;
    entry.width = 8;
    words_.clear();
    for (size_t i = 1; i < values.size(); ++i) {
      words_.push_back(std::bit_cast<uint64_t>(values[i]) ^ std::bit_cast<uint64_t>(values[i - 1]));
    }
  }
  AppendPlanes(words_, entry.width, planes_);
}

absl::Status SampleChunkCodec::Encode(absl::Span<const ChunkColumn> columns, std::string& blob) {
  entries_.clear();
  times_.clear();
  planes_.clear();
  for (const ChunkColumn& column : columns) {
    Entry entry;
    entry.series = column.series;
    entry.times = SharedTimes(column.times_ms);
    EncodeValues(column.values, entry);
    entries_.push_back(entry);
  }
  plain_.clear();
  AppendVarint(times_.size(), plain_);
  for (const std::vector<int64_t>& times_ms : times_) {
    AppendVarint(times_ms.size(), plain_);
    uint64_t time = 0;
    uint64_t step = 0;
    for (const int64_t time_ms : times_ms) {  // unsigned: differences may wrap
      const uint64_t next = static_cast<uint64_t>(time_ms) - time;
      AppendVarint(ZigZag(static_cast<int64_t>(next - step)), plain_);
      step = next;
      time = static_cast<uint64_t>(time_ms);
    }
  }
  AppendVarint(entries_.size(), plain_);
  SeriesId previous = 0;
  for (const Entry& entry : entries_) {
    AppendVarint(entry.series - previous, plain_);
    AppendVarint(entry.times, plain_);
    plain_.push_back(static_cast<char>(entry.kind));
    AppendVarint(entry.first, plain_);
    if (entry.kind != Kind::kConstant) {
      AppendVarint(entry.width, plain_);
      AppendVarint(entry.digits, plain_);
    }
    previous = entry.series;
  }
  plain_ += planes_;
  return frame_.Compress(plain_, kLevel, blob);
}

absl::Status SampleChunkCodec::OpenTimes(absl::string_view& rest) {
  uint64_t count = 0;
  uint64_t delta = 0;
  if (!TakeVarint(rest, count) || count > rest.size()) return Damaged();
  std::vector<int64_t>& times_ms = times_.emplace_back();
  times_ms.reserve(count);
  uint64_t time = 0;
  uint64_t step = 0;
  for (; count > 0; --count) {
    if (!TakeVarint(rest, delta)) return Damaged();
    step += static_cast<uint64_t>(UnZigZag(delta));
    time += step;
    times_ms.push_back(static_cast<int64_t>(time));
  }
  return absl::OkStatus();
}

absl::Status SampleChunkCodec::OpenEntry(absl::string_view& rest, SeriesId previous, Entry& entry) {
  uint64_t step = 0;
  uint64_t times = 0;
  if (!TakeVarint(rest, step) || !TakeVarint(rest, times) || times >= times_.size() ||
      times_[times].empty() || rest.empty() || static_cast<uint8_t>(rest.front()) > 3) {
    return Damaged();
  }
  entry.series = previous + static_cast<SeriesId>(step);
  entry.times = times;
  entry.kind = static_cast<Kind>(rest.front());
  rest.remove_prefix(1);
  if (!TakeVarint(rest, entry.first)) return Damaged();
  if (entry.kind == Kind::kConstant) return absl::OkStatus();
  if (!TakeVarint(rest, entry.width) || !TakeVarint(rest, entry.digits) || entry.width > 8 ||
      entry.digits > kMostDigits) {
    return Damaged();
  }
  return absl::OkStatus();
}

absl::Status SampleChunkCodec::Open(absl::string_view blob) {
  entries_.clear();
  times_.clear();
  GRAYLING_RETURN_IF_ERROR(frame_.Decompress(blob, plain_));
  absl::string_view rest = plain_;
  uint64_t count = 0;
  if (!TakeVarint(rest, count) || count > rest.size()) return Damaged();
  for (; count > 0; --count) GRAYLING_RETURN_IF_ERROR(OpenTimes(rest));
  if (!TakeVarint(rest, count) || count > rest.size()) return Damaged();
  SeriesId previous = 0;
  for (; count > 0; --count) {
    Entry entry;
    GRAYLING_RETURN_IF_ERROR(OpenEntry(rest, previous, entry));
    previous = entry.series;
    entries_.push_back(entry);
  }
  size_t offset = plain_.size() - rest.size();
  for (Entry& entry : entries_) {
    entry.offset = offset;
    offset += entry.width * (times_[entry.times].size() - 1);
  }
  return offset == plain_.size() ? absl::OkStatus() : Damaged();
}

absl::Status SampleChunkCodec::ReadValues(size_t column, std::vector<double>& values) {
  const Entry& entry = entries_[column];
  const size_t count = times_[entry.times].size();
  if (entry.kind == Kind::kConstant) {
    values.assign(count, std::bit_cast<double>(entry.first));
    return absl::OkStatus();
  }
  words_.resize(count - 1);
  ReadPlanes(absl::string_view(plain_).substr(entry.offset, entry.width * (count - 1)), entry.width,
             absl::MakeSpan(words_));
  values.resize(count);
  if (entry.kind == Kind::kXor) {
    uint64_t bits = entry.first;
    values[0] = std::bit_cast<double>(bits);
    for (size_t i = 1; i < count; ++i) {
      bits ^= words_[i - 1];
      values[i] = std::bit_cast<double>(bits);
    }
    return absl::OkStatus();
  }
  const double power = kPowers[entry.digits];
  auto integer = static_cast<uint64_t>(UnZigZag(entry.first));  // unsigned: damage may wrap
  uint64_t step = 0;
  values[0] = static_cast<double>(static_cast<int64_t>(integer)) / power;
  for (size_t i = 1; i < count; ++i) {
    const auto delta = static_cast<uint64_t>(UnZigZag(words_[i - 1]));
    step = entry.kind == Kind::kDelta ? delta : step + delta;
    integer += step;
    values[i] = static_cast<double>(static_cast<int64_t>(integer)) / power;
  }
  return absl::OkStatus();
}

}  // namespace grayling

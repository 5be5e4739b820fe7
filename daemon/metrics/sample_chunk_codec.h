#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/zstd_frame.h"

namespace grayling {

// The samples of one series in a chunk: times strictly increasing, both of one length, not empty.
struct ChunkColumn {
  SeriesId series = 0;
  std::vector<int64_t> times_ms = {};
  std::vector<double> values = {};
};

// Columns of many series as one checked zstd frame. Series with equal times share one column of
// delta-of-delta varints. Values that are all decimals of at most 15 digits become integers and
// then differences, of the first or the second order, whichever is smaller, in byte planes as wide
// as the largest needs; others are XORed with their predecessor (Pelkonen et al., Gorilla, VLDB
// 2015) and stored as eight planes; a constant is stored once. Every value comes back bit by bit.
// Keeps its buffers. Not thread-safe; one per thread.
class SampleChunkCodec {
 public:
  // Replaces `blob`. `columns` ascend by series.
  absl::Status Encode(absl::Span<const ChunkColumn> columns, std::string& blob);

  // Reads the head of a chunk; what follows speaks of this chunk. DATA_LOSS when it is damaged.
  absl::Status Open(absl::string_view blob);
  size_t columns() const { return entries_.size(); }
  // Ascending.
  SeriesId series(size_t column) const { return entries_[column].series; }
  const std::vector<int64_t>& times_ms(size_t column) const {
    return times_[entries_[column].times];
  }
  // Replaces `values` by as many as times_ms(column) has.
  absl::Status ReadValues(size_t column, std::vector<double>& values);

 private:
  enum class Kind : uint8_t { kConstant = 0, kDelta = 1, kDeltaOfDelta = 2, kXor = 3 };
  struct Entry {
    SeriesId series = 0;
    size_t times = 0;
    Kind kind = Kind::kConstant;
    uint64_t digits = 0;  // after the decimal point
    uint64_t width = 0;
    uint64_t first = 0;
    size_t offset = 0;  // of its planes in plain_
  };

  size_t SharedTimes(absl::Span<const int64_t> times_ms);
  void EncodeValues(const std::vector<double>& values, Entry& entry);
  bool EncodeDecimals(const std::vector<double>& values, Entry& entry);
  absl::Status OpenTimes(absl::string_view& rest);
  absl::Status OpenEntry(absl::string_view& rest, SeriesId previous, Entry& entry);

  ZstdFrame frame_;
  std::string plain_;
  std::string planes_;
  std::vector<Entry> entries_;
  std::vector<std::vector<int64_t>> times_;
  std::vector<uint64_t> words_;
  std::vector<int64_t> integers_;
};

}  // namespace grayling

#include "daemon/metrics/chunk_transposer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "base/status_macros.h"
#include "daemon/metrics/increasing_times.h"

namespace grayling {
namespace {

constexpr size_t kMostRows = 512;
constexpr int64_t kMostSamples = 2'000'000;

}  // namespace

size_t ChunkTransposer::SlotOf(size_t position, SeriesId series) {
  if (position < before_.size() && columns_[before_[position]].series == series) {
    return before_[position];
  }
  const auto [found, fresh] = slots_.emplace(series, used_);
  if (fresh) {
    if (used_ == columns_.size()) columns_.emplace_back();
    columns_[used_].series = series;
    columns_[used_].times_ms.clear();
    columns_[used_].values.clear();
    ++used_;
  }
  return found->second;
}

void ChunkTransposer::Take(const SampleBatch& batch) {
  for (size_t i = 0; i < batch.series.size(); ++i) {
    const size_t slot = SlotOf(i, batch.series[i]);
    if (i < before_.size()) {
      before_[i] = slot;
    } else {
      before_.push_back(slot);
    }
    columns_[slot].times_ms.push_back(batch.TimeOf(i));
    columns_[slot].values.push_back(batch.values[i]);
  }
}

absl::Status ChunkTransposer::EncodeBucket(absl::Span<ChunkColumn> columns,
                                           std::vector<EncodedChunk>& chunks) {
  std::vector<size_t> begins(columns.size(), 0);
  std::vector<ChunkColumn> part;
  while (true) {
    int64_t first_ms = std::numeric_limits<int64_t>::max();
    bool left = false;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (begins[i] == columns[i].times_ms.size()) continue;
      left = true;
      first_ms = std::min(first_ms, columns[i].times_ms[begins[i]]);
    }
    if (!left) return absl::OkStatus();
    const int64_t window_ms = ChunkWindowOf(first_ms);
    EncodedChunk chunk{columns[0].series / kSeriesPerChunk, first_ms, first_ms, 0};
    part.clear();
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::vector<int64_t>& times_ms = columns[i].times_ms;
      size_t end = begins[i];
      while (end < times_ms.size() && ChunkWindowOf(times_ms[end]) == window_ms) ++end;
      if (end == begins[i]) continue;
      const auto first = static_cast<std::ptrdiff_t>(begins[i]);
      const auto last = static_cast<std::ptrdiff_t>(end);
      part.push_back({columns[i].series,
                      {times_ms.begin() + first, times_ms.begin() + last},
                      {columns[i].values.begin() + first, columns[i].values.begin() + last}});
      chunk.last_ms = std::max(chunk.last_ms, times_ms[end - 1]);
      chunk.samples += static_cast<int64_t>(end - begins[i]);
      begins[i] = end;
    }
    GRAYLING_RETURN_IF_ERROR(codec_.Encode(part, chunk.blob));
    chunks.push_back(std::move(chunk));
  }
}

absl::StatusOr<Transposition> ChunkTransposer::Transpose(SampleSnapshot& snapshot,
                                                         absl::Span<const StoredSpan> rows,
                                                         std::vector<int64_t>& damaged) {
  Transposition result;
  used_ = 0;
  slots_.clear();
  before_.clear();
  int64_t samples = 0;
  for (const StoredSpan& row : rows) {
    const absl::StatusOr<const SampleBatch*> batch = snapshot.Row(row);
    if (absl::IsDataLoss(batch.status())) {
      damaged.push_back(row.id);
      continue;
    }
    GRAYLING_RETURN_IF_ERROR(batch.status());
    Take(**batch);
    result.sequences.push_back(row.id);
    samples += static_cast<int64_t>((*batch)->series.size());
    if (result.sequences.size() == kMostRows || samples >= kMostSamples) break;
  }
  const absl::Span<ChunkColumn> columns = absl::MakeSpan(columns_).first(used_);
  std::sort(columns.begin(), columns.end(),
            [](const ChunkColumn& a, const ChunkColumn& b) { return a.series < b.series; });
  for (ChunkColumn& column : columns) MakeIncreasing(column.times_ms, column.values);
  for (size_t begin = 0; begin < columns.size();) {
    size_t end = begin;
    while (end < columns.size() &&
           columns[end].series / kSeriesPerChunk == columns[begin].series / kSeriesPerChunk) {
      ++end;
    }
    GRAYLING_RETURN_IF_ERROR(EncodeBucket(columns.subspan(begin, end - begin), result.chunks));
    begin = end;
  }
  return result;
}

}  // namespace grayling

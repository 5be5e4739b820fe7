#include "daemon/metrics/series_reader.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "daemon/metrics/increasing_times.h"

namespace grayling {
namespace {

constexpr size_t kMostSeries = 1024;
constexpr int64_t kMostSamples = 4'000'000;

}  // namespace

absl::StatusOr<size_t> SeriesReader::NextRun(absl::Span<const SeriesId> series, Chunks& chunks) {
  chunks.clear();
  int64_t samples = 0;
  size_t run = 0;
  for (; run < std::min(series.size(), kMostSeries); ++run) {
    const int64_t bucket = series[run] / kSeriesPerChunk;
    if (chunks.contains(bucket)) continue;
    GRAYLING_ASSIGN_OR_RETURN(std::vector<StoredSpan> spans,
                              snapshot_.ChunksOf(bucket, from_ms_, to_ms_));
    for (const StoredSpan& span : spans) samples += span.samples;
    if (run > 0 && samples > kMostSamples) break;
    chunks.emplace(bucket, std::move(spans));
  }
  return run;
}

absl::Status SeriesReader::TakeChunks(const Chunks& chunks) {
  for (const auto& [bucket, spans] : chunks) {
    for (const StoredSpan& span : spans) {
      GRAYLING_ASSIGN_OR_RETURN(SampleChunkCodec * chunk, snapshot_.Chunk(span));
      for (size_t i = 0; i < chunk->columns(); ++i) {
        if (chunk->series(i) / kSeriesPerChunk != bucket) {
          return DamagedSamples("a chunk is not of the series it stands under");
        }
        const auto found = columns_.find(chunk->series(i));
        if (found == columns_.end()) continue;
        const std::vector<int64_t>& times_ms = chunk->times_ms(i);
        const auto begin = std::lower_bound(times_ms.begin(), times_ms.end(), from_ms_);
        const auto end = std::lower_bound(begin, times_ms.end(), to_ms_);
        if (begin == end) continue;
        GRAYLING_RETURN_IF_ERROR(chunk->ReadValues(i, values_));
        Column& column = found->second;
        column.times_ms.insert(column.times_ms.end(), begin, end);
        column.values.insert(column.values.end(), values_.begin() + (begin - times_ms.begin()),
                             values_.begin() + (end - times_ms.begin()));
      }
    }
  }
  return absl::OkStatus();
}

void SeriesReader::TakeBatch(const SampleBatch& batch) {
  for (size_t i = 0; i < batch.series.size(); ++i) {
    const int64_t time_ms = batch.TimeOf(i);
    if (time_ms < from_ms_ || time_ms >= to_ms_) continue;
    const auto found = columns_.find(batch.series[i]);
    if (found == columns_.end()) continue;
    found->second.times_ms.push_back(time_ms);
    found->second.values.push_back(batch.values[i]);
  }
}

absl::Status SeriesReader::Read(
    absl::Span<const SeriesId> series, const std::vector<int64_t>& targets,
    absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit) {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<StoredSpan> rows,
                            snapshot_.Rows(&targets, from_ms_, to_ms_));
  Chunks chunks;
  while (!series.empty()) {
    GRAYLING_ASSIGN_OR_RETURN(const size_t run, NextRun(series, chunks));
    columns_.clear();
    for (const SeriesId id : series.first(run)) columns_[id];
    GRAYLING_RETURN_IF_ERROR(TakeChunks(chunks));
    for (const StoredSpan& row : rows) {
      GRAYLING_ASSIGN_OR_RETURN(const SampleBatch* const batch, snapshot_.Row(row));
      TakeBatch(*batch);
    }
    for (const SampleBatch& batch : unsaved_) TakeBatch(batch);
    for (auto& [id, column] : columns_) MakeIncreasing(column.times_ms, column.values);
    for (const SeriesId id : series.first(run)) {
      const Column& column = columns_[id];
      if (column.times_ms.empty()) continue;
      GRAYLING_RETURN_IF_ERROR(visit(id, {column.times_ms, column.values}));
    }
    series.remove_prefix(run);
  }
  return absl::OkStatus();
}

}  // namespace grayling

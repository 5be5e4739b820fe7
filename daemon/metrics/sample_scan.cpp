#include "daemon/metrics/sample_scan.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr int kChunksPerPage = 4096;
constexpr int64_t kSamplesPerSlice = 2'000'000;
constexpr int64_t kFirstWidthMs = 60'000;
constexpr int64_t kLargestWidthMs = 7 * 24 * int64_t{3'600'000};

int64_t Later(int64_t time_ms, int64_t by_ms) {
  return time_ms > std::numeric_limits<int64_t>::max() - by_ms ? std::numeric_limits<int64_t>::max()
                                                               : time_ms + by_ms;
}

}  // namespace

SampleScan::SampleScan(SampleSnapshot& snapshot, const std::vector<SampleBatch>& unsaved,
                       int64_t from_ms, int64_t to_ms)
    : snapshot_(snapshot), unsaved_(unsaved), from_ms_(from_ms), to_ms_(to_ms) {
  last_in_page_.first_ms = std::numeric_limits<int64_t>::min();
  last_in_page_.id = -1;
}

absl::Status SampleScan::PullChunks(int64_t end_ms) {
  while (true) {
    for (; next_in_page_ < page_.size(); ++next_in_page_) {
      if (page_[next_in_page_].first_ms >= end_ms) return absl::OkStatus();
      active_.push_back({Source::Kind::kChunk, page_[next_in_page_]});
    }
    if (!more_pages_) return absl::OkStatus();
    GRAYLING_ASSIGN_OR_RETURN(
        page_, snapshot_.ChunksAfter(last_in_page_, from_ms_, to_ms_, kChunksPerPage));
    next_in_page_ = 0;
    more_pages_ = page_.size() == kChunksPerPage;
    if (!page_.empty()) last_in_page_ = page_.back();
  }
}

absl::Status SampleScan::PullSources(int64_t end_ms) {
  for (; !waiting_.empty() && waiting_.back().span.first_ms < end_ms; waiting_.pop_back()) {
    active_.push_back(waiting_.back());
  }
  return PullChunks(end_ms);
}

absl::StatusOr<int64_t> SampleScan::NextInstant(int64_t from_ms) {
  std::erase_if(active_, [from_ms](const Source& source) { return source.span.last_ms < from_ms; });
  GRAYLING_RETURN_IF_ERROR(PullSources(from_ms));
  int64_t next_ms = to_ms_;
  if (!waiting_.empty()) next_ms = std::min(next_ms, waiting_.back().span.first_ms);
  if (next_in_page_ < page_.size()) next_ms = std::min(next_ms, page_[next_in_page_].first_ms);
  for (const Source& source : active_) {
    if (source.span.last_ms >= from_ms) {
      next_ms = std::min(next_ms, std::max(from_ms, source.span.first_ms));
    }
  }
  return next_ms;
}

int64_t SampleScan::Estimate(int64_t begin_ms, int64_t end_ms) const {
  double samples = 0;
  for (const Source& source : active_) {
    const double first = static_cast<double>(std::max(begin_ms, source.span.first_ms));
    const double end = std::min(static_cast<double>(end_ms), source.span.last_ms + 1.0);
    const double whole =
        static_cast<double>(source.span.last_ms) - static_cast<double>(source.span.first_ms) + 1;
    if (end > first) samples += static_cast<double>(source.span.samples) * (end - first) / whole;
  }
  return static_cast<int64_t>(samples);
}

absl::Status SampleScan::CollectChunk(const StoredSpan& span, int64_t begin_ms, int64_t end_ms) {
  GRAYLING_ASSIGN_OR_RETURN(SampleChunkCodec * chunk, snapshot_.Chunk(span));
  for (size_t column = 0; column < chunk->columns(); ++column) {
    const std::vector<int64_t>& times_ms = chunk->times_ms(column);
    const auto first = std::lower_bound(times_ms.begin(), times_ms.end(), begin_ms);
    const auto end = std::lower_bound(first, times_ms.end(), end_ms);
    if (first == end) continue;
    GRAYLING_RETURN_IF_ERROR(chunk->ReadValues(column, values_));
    for (auto at = first; at != end; ++at) {
      samples_.push_back(
          {*at, 0, chunk->series(column), values_[static_cast<size_t>(at - times_ms.begin())]});
    }
  }
  return absl::OkStatus();
}

void SampleScan::CollectBatch(const SampleBatch& batch, int64_t begin_ms, int64_t end_ms) {
  const auto source = static_cast<uint32_t>(targets_.size());
  targets_.push_back(batch.target);
  for (size_t i = 0; i < batch.series.size(); ++i) {
    const int64_t time_ms = batch.TimeOf(i);
    if (time_ms < begin_ms || time_ms >= end_ms) continue;
    samples_.push_back({time_ms, source, batch.series[i], batch.values[i]});
  }
}

absl::Status SampleScan::Collect(int64_t begin_ms, int64_t end_ms) {
  samples_.clear();
  targets_.assign(1, "");
  std::sort(active_.begin(), active_.end(), [](const Source& a, const Source& b) {
    return std::tuple(a.kind, a.span.newest, a.span.id) <
           std::tuple(b.kind, b.span.newest, b.span.id);
  });
  for (const Source& source : active_) {
    if (source.span.first_ms >= end_ms || source.span.last_ms < begin_ms) continue;
    if (source.kind == Source::Kind::kChunk) {
      GRAYLING_RETURN_IF_ERROR(CollectChunk(source.span, begin_ms, end_ms));
    } else if (source.kind == Source::Kind::kRow) {
      GRAYLING_ASSIGN_OR_RETURN(const SampleBatch* const batch, snapshot_.Row(source.span));
      CollectBatch(*batch, begin_ms, end_ms);
    } else {
      CollectBatch(unsaved_[static_cast<size_t>(source.span.id)], begin_ms, end_ms);
    }
  }
  std::stable_sort(samples_.begin(), samples_.end(), [](const Sample& a, const Sample& b) {
    return a.time_ms < b.time_ms || (a.time_ms == b.time_ms && a.source < b.source);
  });
  return absl::OkStatus();
}

absl::Status SampleScan::Emit(absl::FunctionRef<absl::Status(const SampleBatch&)> visit) {
  for (size_t i = 0; i < samples_.size();) {
    batch_.target = targets_[samples_[i].source];
    batch_.time_ms = samples_[i].time_ms;
    batch_.series.clear();
    batch_.values.clear();
    const size_t first = i;
    for (; i < samples_.size() && samples_[i].time_ms == samples_[first].time_ms &&
           samples_[i].source == samples_[first].source;
         ++i) {
      batch_.series.push_back(samples_[i].series);
      batch_.values.push_back(samples_[i].value);
    }
    GRAYLING_RETURN_IF_ERROR(visit(batch_));
  }
  return absl::OkStatus();
}

absl::Status SampleScan::Run(absl::FunctionRef<absl::Status(const SampleBatch&)> visit) {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<StoredSpan> rows,
                            snapshot_.Rows(nullptr, from_ms_, to_ms_));
  for (const StoredSpan& row : rows) waiting_.push_back({Source::Kind::kRow, row});
  for (size_t i = 0; i < unsaved_.size(); ++i) {
    StoredSpan span;
    span.id = span.newest = static_cast<int64_t>(i);
    std::tie(span.first_ms, span.last_ms) = SpanOf(unsaved_[i]);
    span.samples = static_cast<int64_t>(unsaved_[i].series.size());
    waiting_.push_back({Source::Kind::kUnsaved, span});
  }
  std::sort(waiting_.begin(), waiting_.end(),
            [](const Source& a, const Source& b) { return a.span.first_ms > b.span.first_ms; });
  int64_t width_ms = kFirstWidthMs;
  for (int64_t done_ms = from_ms_;;) {
    GRAYLING_ASSIGN_OR_RETURN(const int64_t begin_ms, NextInstant(done_ms));
    if (begin_ms >= to_ms_) return absl::OkStatus();
    GRAYLING_RETURN_IF_ERROR(PullSources(std::min(to_ms_, Later(begin_ms, width_ms))));
    while (width_ms > 1 &&
           Estimate(begin_ms, std::min(to_ms_, Later(begin_ms, width_ms))) > kSamplesPerSlice) {
      width_ms /= 2;
    }
    done_ms = std::min(to_ms_, Later(begin_ms, width_ms));
    GRAYLING_RETURN_IF_ERROR(Collect(begin_ms, done_ms));
    GRAYLING_RETURN_IF_ERROR(Emit(visit));
    if (samples_.size() < kSamplesPerSlice / 4) width_ms = std::min(2 * width_ms, kLargestWidthMs);
  }
}

}  // namespace grayling

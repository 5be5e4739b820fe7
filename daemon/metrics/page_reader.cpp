#include "daemon/metrics/page_reader.h"

#include <bit>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "daemon/metrics/valid_utf8.h"

namespace grayling {
namespace {

constexpr size_t kShownBytes = 120;
constexpr const char* kTooFarAhead =
    "the timestamp is more than 10 minutes ahead of this host's clock";

bool SameBits(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

void AddSample(SampleBatch& batch, SeriesId id, double value, int64_t time_ms) {
  // The column of instants begins with the first sample that needs it.
  if (batch.times_ms.empty() && time_ms != batch.time_ms) {
    batch.times_ms.assign(batch.series.size(), batch.time_ms);
    if (batch.series.empty()) batch.times_ms.reserve(batch.series.capacity());
    batch.times_ms.push_back(time_ms);
  } else if (!batch.times_ms.empty()) {
    batch.times_ms.push_back(time_ms);
  }
  batch.series.push_back(id);
  batch.values.push_back(value);
}

size_t MarkGone(SeriesCache& cache, SampleBatch& batch) {
  size_t marked = 0;
  cache.ForEachGone([&](SeriesId id) {
    AddSample(batch, id, StaleMarker(), batch.time_ms);
    ++marked;
  });
  return marked;
}

class PageReading {
 public:
  PageReading(const PageRules& rules, SeriesCache& cache, SampleBatch& batch)
      : rules_(rules),
        cache_(cache),
        batch_(batch),
        latest_ms_(batch.time_ms + absl::ToInt64Milliseconds(kFurthestStampAhead)) {
    expected_.text = cache_.expected();
  }

  void Take(const ExpositionSample& sample) {
    SeriesCache::Entry* const entry = cache_.Find(sample);
    expected_.text = cache_.expected();
    if (entry == nullptr) return;
    if (entry->kind == SeriesCache::Kind::kInvalid) {
      entry->scrape = cache_.scrape();
      Lose(sample.line, cache_.ReasonOf(*entry), sample.series);
      return;
    }
    if (entry->scrape != cache_.scrape()) entry->position = SeriesCache::kNone;
    if (entry->kind == SeriesCache::Kind::kDropped) {
      entry->scrape = cache_.scrape();
      ++figures_.dropped;
    } else if (sample.timestamp_ms.has_value() && rules_.honor_timestamps) {
      TakeStamped(sample, *entry);
    } else {
      TakeUnstamped(sample, *entry);
    }
  }

  void Lose(size_t line, absl::string_view reason, absl::string_view text) {
    if (figures_.malformed++ >= kShownMalformedLines) return;
    figures_.first.push_back({line, ValidUtf8(reason), ValidUtf8(text.substr(0, kShownBytes))});
  }

  const ExpectedSeries& expected() const { return expected_; }
  PageFigures& figures() { return figures_; }

 private:
  // The series' last sample in the batch is of that instant.
  bool IsLastAt(int64_t time_ms, const SeriesCache::Entry& entry) const {
    return entry.position != SeriesCache::kNone && batch_.TimeOf(entry.position) == time_ms;
  }

  void TakeStamped(const ExpositionSample& sample, SeriesCache::Entry& entry) {
    const int64_t stamp_ms = *sample.timestamp_ms;
    if (stamp_ms > latest_ms_) {
      Lose(sample.line, kTooFarAhead, sample.series);
      return;
    }
    entry.tracked = rules_.track_timestamps_staleness;
    entry.scrape = cache_.scrape();
    if (stamp_ms == entry.stamp_ms) {
      if (SameBits(sample.value, entry.value)) {
        ++figures_.repeated;
        return;
      }
      if (IsLastAt(stamp_ms, entry)) {
        batch_.values[entry.position] = entry.value = sample.value;
        ++figures_.repeated;
        return;
      }
    }
    entry.stamp_ms = stamp_ms;
    entry.value = sample.value;
    entry.position = static_cast<uint32_t>(batch_.series.size());
    AddSample(batch_, entry.id, sample.value, stamp_ms);
  }

  // Where stamps are not honoured they still tell which of two repeats is the newer one.
  void TakeUnstamped(const ExpositionSample& sample, SeriesCache::Entry& entry) {
    const int64_t unstamped =
        rules_.honor_timestamps ? batch_.time_ms : std::numeric_limits<int64_t>::max();
    const int64_t stamp_ms = sample.timestamp_ms.value_or(unstamped);
    if (IsLastAt(batch_.time_ms, entry)) {
      ++figures_.repeated;
      if (stamp_ms < entry.stamp_ms) return;
      entry.stamp_ms = stamp_ms;
      batch_.values[entry.position] = sample.value;
      return;
    }
    entry.tracked = true;
    entry.scrape = cache_.scrape();
    entry.stamp_ms = stamp_ms;
    entry.position = static_cast<uint32_t>(batch_.series.size());
    AddSample(batch_, entry.id, sample.value, batch_.time_ms);
  }

  const PageRules& rules_;
  SeriesCache& cache_;
  SampleBatch& batch_;
  const int64_t latest_ms_;
  ExpectedSeries expected_;
  PageFigures figures_;
};

}  // namespace

absl::StatusOr<PageFigures> ReadPage(absl::string_view page, const PageRules& rules,
                                     SeriesCache& cache, SampleBatch& batch) {
  cache.BeginScrape();
  PageReading reading(rules, cache, batch);
  const size_t before = batch.series.size();
  const ExpositionSummary summary = ParseExposition(
      page, rules.format, [&](const ExpositionSample& sample) { reading.Take(sample); },
      [&](const ExpositionError& error) { reading.Lose(error.line, error.reason, error.text); },
      &reading.expected());
  if (!cache.status().ok()) return cache.status();
  PageFigures& figures = reading.figures();
  if (rules.format == ExpositionFormat::kOpenMetrics && !summary.saw_eof) {
    reading.Lose(0, "the page has no '# EOF' at its end: it may be cut", "");
  }
  figures.samples = summary.samples;
  figures.stored = batch.series.size() - before;
  figures.stale = MarkGone(cache, batch);
  cache.EndScrape();
  return std::move(figures);
}

size_t EndSeries(SeriesCache& cache, SampleBatch& batch) {
  cache.BeginScrape();
  return MarkGone(cache, batch);
}

}  // namespace grayling

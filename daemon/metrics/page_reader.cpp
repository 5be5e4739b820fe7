#include "daemon/metrics/page_reader.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/metrics/valid_utf8.h"

namespace grayling {
namespace {

constexpr size_t kShownBytes = 120;

class PageReading {
 public:
  PageReading(SeriesCache& cache, SampleBatch& batch) : cache_(cache), batch_(batch) {}

  void Take(const ExpositionSample& sample) {
    absl::StatusOr<SeriesCache::Entry*> found = cache_.Find(sample);
    if (!found.ok()) {
      status_.Update(found.status());
      return;
    }
    SeriesCache::Entry& entry = **found;
    if (!entry.valid) {
      Lose(sample.line, entry.reason, sample.series);
      return;
    }
    const int64_t stamp_ms = sample.timestamp_ms.value_or(std::numeric_limits<int64_t>::max());
    if (entry.scrape != cache_.scrape()) {
      entry.scrape = cache_.scrape();
      entry.position = batch_.series.size();
      entry.stamp_ms = stamp_ms;
      batch_.series.push_back(entry.id);
      batch_.values.push_back(sample.value);
      return;
    }
    ++losses_.repeated;
    if (stamp_ms < entry.stamp_ms) return;
    entry.stamp_ms = stamp_ms;
    batch_.values[entry.position] = sample.value;
  }

  void Lose(size_t line, absl::string_view reason, absl::string_view text) {
    if (losses_.malformed++ == 0) {
      losses_.first =
          ValidUtf8(absl::StrCat("line ", line, ": ", reason, ": ", text.substr(0, kShownBytes)));
    }
  }

  const absl::Status& status() const { return status_; }
  const PageLosses& losses() const { return losses_; }

 private:
  SeriesCache& cache_;
  SampleBatch& batch_;
  absl::Status status_;
  PageLosses losses_;
};

}  // namespace

absl::StatusOr<PageLosses> ReadPage(absl::string_view page, ExpositionFormat format,
                                    SeriesCache& cache, SampleBatch& batch) {
  cache.BeginScrape();
  PageReading reading(cache, batch);
  const ExpositionSummary summary = ParseExposition(
      page, format, [&](const ExpositionSample& sample) { reading.Take(sample); },
      [&](const ExpositionError& error) { reading.Lose(error.line, error.reason, error.text); });
  if (!reading.status().ok()) return reading.status();
  PageLosses losses = reading.losses();
  if (format == ExpositionFormat::kOpenMetrics && !summary.saw_eof) {
    ++losses.malformed;
    if (losses.first.empty()) losses.first = "the page has no '# EOF' at its end: it may be cut";
  }
  return losses;
}

}  // namespace grayling

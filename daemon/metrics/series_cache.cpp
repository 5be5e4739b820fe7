#include "daemon/metrics/series_cache.h"

#include <utility>

#include "base/status_macros.h"
#include "daemon/metrics/series_text.h"

namespace grayling {
namespace {

constexpr size_t kAlwaysKept = 1000;

}  // namespace

SeriesCache::SeriesCache(SampleStore& store, std::map<std::string, std::string> target_labels)
    : store_(store), target_labels_(std::move(target_labels)) {}

void SeriesCache::BeginScrape() {
  if (entries_.size() > kAlwaysKept + 4 * seen_) {
    index_.clear();
    entries_.clear();
  }
  cursor_ = 0;
  seen_ = 0;
  ++scrape_;
}

absl::StatusOr<SeriesCache::Entry> SeriesCache::Resolve(const ExpositionSample& sample) {
  Entry entry;
  absl::StatusOr<std::string> text = CanonicalSeries(sample.name, sample.labels, target_labels_);
  if (!text.ok()) {
    entry.reason = std::string(text.status().message());
    return entry;
  }
  GRAYLING_ASSIGN_OR_RETURN(entry.id, store_.Intern(*text));
  entry.valid = true;
  return entry;
}

absl::StatusOr<SeriesCache::Entry*> SeriesCache::Find(const ExpositionSample& sample) {
  ++seen_;
  if (cursor_ < entries_.size() && entries_[cursor_].key == sample.series) {
    return &entries_[cursor_++].entry;
  }
  const auto found = index_.find(sample.series);
  if (found != index_.end()) {
    cursor_ = found->second + 1;
    return &entries_[found->second].entry;
  }
  GRAYLING_ASSIGN_OR_RETURN(Entry entry, Resolve(sample));
  entries_.push_back({std::string(sample.series), std::move(entry)});
  cursor_ = entries_.size();
  index_.emplace(entries_.back().key, entries_.size() - 1);
  return &entries_.back().entry;
}

}  // namespace grayling

#include "daemon/metrics/series_cache.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr size_t kAlwaysKept = 1000;

}  // namespace

SeriesCache::SeriesCache(SampleStore& store, SeriesRewriter rewriter)
    : store_(store), rewriter_(std::move(rewriter)) {}

void SeriesCache::BeginScrape() {
  status_ = absl::OkStatus();
  previous_ = kNone;
  seen_ = 0;
  ++scrape_;
  cursor_ = first_;
  expected_ = cursor_ < entries_.size() && entries_[cursor_].strict ? entries_[cursor_].key
                                                                    : absl::string_view();
}

absl::Status SeriesCache::Resolve(const ExpositionSample& sample, Entry& entry) {
  const absl::StatusOr<std::optional<std::string>> text =
      rewriter_.Rewrite(sample.name, sample.labels);
  if (!text.ok()) {
    entry.kind = Kind::kInvalid;
    reasons_[entry.key] = std::string(text.status().message());
  } else if (!text->has_value()) {
    entry.kind = Kind::kDropped;
  } else {
    GRAYLING_ASSIGN_OR_RETURN(entry.id, store_.Intern(**text));
  }
  return absl::OkStatus();
}

// Remembers that `at` came after the entry found before it.
SeriesCache::Entry* SeriesCache::Follow(uint32_t at) {
  if (previous_ == kNone) {
    first_ = at;
  } else {
    entries_[previous_].next = at;
  }
  previous_ = at;
  Entry& entry = entries_[at];
  cursor_ = entry.next;
  expected_ = cursor_ < entries_.size() && entries_[cursor_].strict ? entries_[cursor_].key
                                                                    : absl::string_view();
  return &entry;
}

SeriesCache::Entry* SeriesCache::Find(const ExpositionSample& sample) {
  ++seen_;
  if (sample.expected || (cursor_ < entries_.size() && entries_[cursor_].key == sample.series)) {
    return Follow(cursor_);
  }
  const auto found = index_.find(sample.series);
  if (found != index_.end()) return Follow(found->second);

  auto* bytes = static_cast<char*>(texts_.allocate(sample.series.size() + 1, 1));
  memcpy(bytes, sample.series.data(), sample.series.size());
  Entry entry;
  entry.key = absl::string_view(bytes, sample.series.size());
  entry.strict = sample.strict;
  if (absl::Status resolved = Resolve(sample, entry); !resolved.ok()) {
    status_.Update(resolved);
    return nullptr;
  }
  Insert(entry);
  return Follow(static_cast<uint32_t>(entries_.size() - 1));
}

void SeriesCache::Insert(Entry entry) {
  const auto at = static_cast<uint32_t>(entries_.size());
  entry.next = at + 1;
  entries_.push_back(entry);
  index_.emplace(entry.key, at);
}

absl::string_view SeriesCache::ReasonOf(const Entry& entry) const {
  const auto found = reasons_.find(entry.key);
  return found == reasons_.end() ? absl::string_view() : absl::string_view(found->second);
}

void SeriesCache::ForEachGone(absl::FunctionRef<void(SeriesId)> visit) {
  std::vector<SeriesId> gone;
  for (const Entry& entry : entries_) {
    if (entry.tracked && entry.scrape + 1 == scrape_) gone.push_back(entry.id);
  }
  if (gone.empty()) return;
  std::sort(gone.begin(), gone.end());
  gone.erase(std::unique(gone.begin(), gone.end()), gone.end());
  for (const Entry& entry : entries_) {
    if (entry.scrape != scrape_ || entry.kind != Kind::kStored) continue;
    const auto other = std::lower_bound(gone.begin(), gone.end(), entry.id);
    if (other != gone.end() && *other == entry.id) gone.erase(other);
  }
  for (const SeriesId id : gone) visit(id);
}

void SeriesCache::EndScrape() {
  if (entries_.size() <= kAlwaysKept + 4 * seen_) return;
  std::vector<std::pair<std::string, Entry>> kept;
  absl::flat_hash_map<std::string, std::string> reasons;
  for (const Entry& entry : entries_) {
    if (entry.scrape != scrape_) continue;
    kept.emplace_back(std::string(entry.key), entry);
    if (entry.kind == Kind::kInvalid) reasons[kept.back().first] = std::string(ReasonOf(entry));
  }
  index_.clear();
  reasons_.clear();
  entries_.clear();
  texts_.release();
  expected_ = absl::string_view();
  first_ = cursor_ = 0;
  for (auto& [text, entry] : kept) {
    auto* bytes = static_cast<char*>(texts_.allocate(text.size() + 1, 1));
    memcpy(bytes, text.data(), text.size());
    entry.key = absl::string_view(bytes, text.size());
    if (entry.kind == Kind::kInvalid) reasons_[entry.key] = reasons[text];
    Insert(entry);
  }
}

}  // namespace grayling

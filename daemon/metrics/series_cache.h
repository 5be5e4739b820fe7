#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/metrics/exposition_parser.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// From a sample as one target writes it to the id of its series. A series seen before costs a
// comparison with the one that followed its predecessor last time, else one hash look-up; neither
// allocates. Not thread-safe: one per target, used by the thread that scrapes it.
class SeriesCache {
 public:
  struct Entry {
    SeriesId id = 0;
    bool valid = false;  // false: the line's labels make no series; `reason` says why
    std::string reason;
    uint32_t scrape = 0;   // the last scrape that had it, from 1
    size_t position = 0;   // its place in that scrape's batch; kept by the caller
    int64_t stamp_ms = 0;  // its timestamp in that scrape; kept by the caller
  };

  // `store` must outlive the cache.
  SeriesCache(SampleStore& store, std::map<std::string, std::string> target_labels);

  // Begins the next scrape. Forgets everything when most of it has not been seen lately, so that a
  // target whose labels change for ever (process ids) does not fill the memory.
  void BeginScrape();
  uint32_t scrape() const { return scrape_; }

  // Valid until the next BeginScrape. Errors are the store's; they are not remembered.
  absl::StatusOr<Entry*> Find(const ExpositionSample& sample);

  size_t size() const { return entries_.size(); }

 private:
  struct Cached {
    std::string key;
    Entry entry;
  };

  absl::StatusOr<Entry> Resolve(const ExpositionSample& sample);

  SampleStore& store_;
  const std::map<std::string, std::string> target_labels_;
  std::deque<Cached> entries_;                            // in the order first seen; addresses stay
  absl::flat_hash_map<absl::string_view, size_t> index_;  // keys point into entries_
  size_t cursor_ = 0;                                     // the entry expected next
  size_t seen_ = 0;                                       // entries looked up in this scrape
  uint32_t scrape_ = 0;
};

}  // namespace grayling

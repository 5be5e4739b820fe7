#pragma once

#include <cstdint>
#include <limits>
#include <memory_resource>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/metrics/exposition_parser.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/series_rewriter.h"

namespace grayling {

// From a sample as one target writes it to the id of its series. A series seen before costs a
// comparison with the one that followed its predecessor last time, else one hash look-up; neither
// allocates. Not thread-safe: one per target, used by the thread that scrapes it.
class SeriesCache {
 public:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
  enum class Kind : uint8_t {
    kStored,
    kDropped,  // relabelling drops it
    kInvalid,  // the line's labels make no series; ReasonOf says why
  };
  struct Entry {
    absl::string_view key;  // the series as written
    SeriesId id = 0;
    uint32_t scrape = 0;  // the last scrape that had it, from 1; kept by the caller
    // Its last place in that scrape's batch, kNone before it has one; kept by the caller.
    uint32_t position = kNone;
    uint32_t next = 0;  // the entry that followed it last time
    // Of the last sample with a stamp of its own; kept by the caller.
    int64_t stamp_ms = std::numeric_limits<int64_t>::min();
    double value = 0;
    Kind kind = Kind::kStored;
    bool strict = true;    // see ExpositionSample
    bool tracked = false;  // its end is to be marked; kept by the caller
  };

  // `store` must outlive the cache.
  SeriesCache(SampleStore& store, SeriesRewriter rewriter);

  void BeginScrape();
  uint32_t scrape() const { return scrape_; }

  // Valid until the next Find. nullptr when the store failed: see status().
  Entry* Find(const ExpositionSample& sample);
  // What the next sample's line probably begins with; "" for no guess.
  absl::string_view expected() const { return expected_; }
  // OK, or the first failure of the store since BeginScrape.
  const absl::Status& status() const { return status_; }
  // One sentence, for an entry of kind kInvalid.
  absl::string_view ReasonOf(const Entry& entry) const;

  // The tracked series that the scrape before this one had and this one has not, under no spelling.
  void ForEachGone(absl::FunctionRef<void(SeriesId)> visit);

  // Ends the scrape: forgets what it did not have when that is most of the cache, so that a target
  // whose labels change for ever (process ids) does not fill the memory.
  void EndScrape();

  size_t size() const { return entries_.size(); }

 private:
  absl::Status Resolve(const ExpositionSample& sample, Entry& entry);
  Entry* Follow(uint32_t at);
  void Insert(Entry entry);

  SampleStore& store_;
  const SeriesRewriter rewriter_;
  std::pmr::monotonic_buffer_resource texts_;               // the keys' bytes
  std::vector<Entry> entries_;                              // in the order first seen
  absl::flat_hash_map<absl::string_view, uint32_t> index_;  // by key
  absl::flat_hash_map<absl::string_view, std::string> reasons_;
  absl::string_view expected_;
  uint32_t cursor_ = 0;    // the entry expected next
  uint32_t previous_ = 0;  // the entry found last
  uint32_t first_ = 0;     // the entry that began the last scrape
  size_t seen_ = 0;        // entries looked up in this scrape
  uint32_t scrape_ = 0;
  absl::Status status_;
};

}  // namespace grayling

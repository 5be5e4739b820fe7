#include "daemon/ingest/series_keys.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "base/status_macros.h"

namespace grayling {

SeriesKeys::SeriesKeys(SampleStore& store, Canonical canonical, size_t largest)
    : store_(store),
      canonical_(canonical),
      largest_shard_(std::max<size_t>(1, largest / kShards)) {}

absl::StatusOr<SeriesId> SeriesKeys::IdOf(absl::string_view key) {
  // The upper bits, because the map itself uses the lower ones.
  Shard& shard = shards_[(absl::HashOf(key) >> 48) % kShards];
  {
    absl::MutexLock lock(&shard.mutex);
    if (const auto found = shard.young.find(key); found != shard.young.end()) return found->second;
    if (const auto found = shard.old.find(key); found != shard.old.end()) {
      const SeriesId id = found->second;
      Keep(shard, key, id);
      return id;
    }
  }
  GRAYLING_ASSIGN_OR_RETURN(const std::string text, canonical_(key));
  GRAYLING_ASSIGN_OR_RETURN(const SeriesId id, store_.Intern(text));
  absl::MutexLock lock(&shard.mutex);
  Keep(shard, key, id);
  return id;
}

void SeriesKeys::Keep(Shard& shard, absl::string_view key, SeriesId id) {
  if (shard.young.size() >= largest_shard_) {
    shard.old = std::exchange(shard.young, {});
  }
  shard.young.emplace(std::string(key), id);
}

}  // namespace grayling

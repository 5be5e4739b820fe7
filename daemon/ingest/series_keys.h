#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// From a series as its senders write it (the raw bytes of its labels, a line's text) to its id. A
// key seen before costs one hash look-up and allocates nothing. Keys that nobody has written for
// long are forgotten, so that labels which change for ever do not fill the memory. Thread-safe.
class SeriesKeys {
 public:
  // The canonical text of a key, or INVALID_ARGUMENT with what is wrong with it. Pure.
  using Canonical = absl::StatusOr<std::string> (*)(absl::string_view key);

  // `store` must outlive it. At most about twice `largest` keys are kept.
  SeriesKeys(SampleStore& store, Canonical canonical, size_t largest = 1'000'000);

  // Errors are the store's or those of the key; neither is remembered.
  absl::StatusOr<SeriesId> IdOf(absl::string_view key);

 private:
  static constexpr size_t kShards = 16;

  // Two generations: what is used moves into the younger, the elder is dropped when that is full.
  struct Shard {
    absl::Mutex mutex;
    absl::flat_hash_map<std::string, SeriesId> young ABSL_GUARDED_BY(mutex);
    absl::flat_hash_map<std::string, SeriesId> old ABSL_GUARDED_BY(mutex);
  };

  void Keep(Shard& shard, absl::string_view key, SeriesId id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);

  SampleStore& store_;
  const Canonical canonical_;
  const size_t largest_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace grayling

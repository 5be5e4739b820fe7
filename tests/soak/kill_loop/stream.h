#pragma once

#include <cstdint>

#include "daemon/metrics/sample_store.h"

namespace grayling {

// The stream of the kill loop. What batch `n` holds follows from `n` and the seed alone, so that
// the parent can tell what must be on disk without being told the values.
class KillLoopStream {
 public:
  static constexpr int kTargets = 20;
  static constexpr int kSeriesPerTarget = 500;
  static constexpr int64_t kFirstMs = 1'700'000'000'000;

  explicit KillLoopStream(uint64_t seed) : seed_(seed) {}

  // Replaces `batch`: a scrape of target n % kTargets. Every 50th batch comes late: an hour early,
  // one instant a sample.
  void Fill(int64_t n, SampleBatch& batch) const;

 private:
  const uint64_t seed_;
};

}  // namespace grayling

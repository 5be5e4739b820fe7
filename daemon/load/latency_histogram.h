#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace grayling {

// Counts latencies in log-linear buckets (the layout of HdrHistogram): exact below 256 us, then 128
// buckets per power of two, up to 2^32 us (71 minutes; longer ones count as that). Memory is fixed
// at about 14 KiB, a record is a handful of instructions, and a quantile is off by at most 1/128 of
// its value. Not thread-safe.
class LatencyHistogram {
 public:
  void Record(absl::Duration latency);
  void Clear();
  // Takes away what `earlier`, a former state of this histogram, had counted.
  void Subtract(const LatencyHistogram& earlier);

  uint64_t count() const { return count_; }
  // Exact. ZeroDuration when empty.
  absl::Duration Mean() const;
  // The nearest-rank quantile: the smallest recorded value that at least quantile * count values do
  // not exceed. `quantile` in [0, 1]. ZeroDuration when empty.
  absl::Duration Quantile(double quantile) const;
  // How many values do not exceed `limit`, which is rounded as the values are.
  uint64_t CountUpTo(absl::Duration limit) const;

 private:
  static constexpr int kExactBits = 8;
  static constexpr int kLargestBits = 32;
  static constexpr size_t kHalf = size_t{1} << (kExactBits - 1);
  static constexpr size_t kBuckets = 2 * kHalf + (kLargestBits - kExactBits) * kHalf;

  static size_t BucketOf(uint64_t microseconds);
  static uint64_t MiddleOf(size_t bucket);

  std::array<uint32_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  uint64_t sum_us_ = 0;
};

}  // namespace grayling

#include "daemon/load/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace grayling {

void LatencyHistogram::Record(absl::Duration latency) {
  const int64_t microseconds = std::max<int64_t>(0, absl::ToInt64Microseconds(latency));
  ++buckets_[BucketOf(static_cast<uint64_t>(microseconds))];
  ++count_;
  sum_us_ += static_cast<uint64_t>(microseconds);
}

void LatencyHistogram::Clear() {
  buckets_.fill(0);
  count_ = 0;
  sum_us_ = 0;
}

void LatencyHistogram::Subtract(const LatencyHistogram& earlier) {
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) buckets_[bucket] -= earlier.buckets_[bucket];
  count_ -= earlier.count_;
  sum_us_ -= earlier.sum_us_;
}

absl::Duration LatencyHistogram::Mean() const {
  if (count_ == 0) return absl::ZeroDuration();
  return absl::Microseconds(static_cast<double>(sum_us_) / static_cast<double>(count_));
}

absl::Duration LatencyHistogram::Quantile(double quantile) const {
  if (count_ == 0) return absl::ZeroDuration();
  const double exact_rank = std::ceil(quantile * static_cast<double>(count_));
  const uint64_t rank = std::clamp<uint64_t>(static_cast<uint64_t>(exact_rank), 1, count_);
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) return absl::Microseconds(MiddleOf(bucket));
  }
  return absl::Microseconds(MiddleOf(kBuckets - 1));
}

uint64_t LatencyHistogram::CountUpTo(absl::Duration limit) const {
  const auto last =
      BucketOf(static_cast<uint64_t>(std::max<int64_t>(0, absl::ToInt64Microseconds(limit))));
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket <= last; ++bucket) seen += buckets_[bucket];
  return seen;
}

size_t LatencyHistogram::BucketOf(uint64_t microseconds) {
  const uint64_t largest = (uint64_t{1} << kLargestBits) - 1;
  const uint64_t value = std::min(microseconds, largest);
  if (value < 2 * kHalf) return value;
  const int shift = std::bit_width(value) - kExactBits;
  return 2 * kHalf + static_cast<size_t>(shift - 1) * kHalf + ((value >> shift) - kHalf);
}

uint64_t LatencyHistogram::MiddleOf(size_t bucket) {
  if (bucket < 2 * kHalf) return bucket;
  const size_t above = bucket - 2 * kHalf;
  const int shift = static_cast<int>(above / kHalf) + 1;
  return ((kHalf + above % kHalf) << shift) + (uint64_t{1} << shift) / 2;
}

}  // namespace grayling

#include "tests/soak/kill_loop/stream.h"

#include <bit>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

// Steele et al., SplitMix64.
uint64_t Mixed(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

void KillLoopStream::Fill(int64_t n, SampleBatch& batch) const {
  const int64_t target = n % kTargets;
  const int64_t round = n / kTargets;
  const bool late = n % 50 == 49;
  batch.target = absl::StrCat("scrapeTargets/", target);
  batch.time_ms = kFirstMs + round * 100 - (late ? 3'600'000 : 0);
  batch.series.clear();
  batch.values.clear();
  batch.times_ms.clear();
  for (int64_t i = 0; i < kSeriesPerTarget; ++i) {
    batch.series.push_back(static_cast<SeriesId>(target * kSeriesPerTarget + i));
    const uint64_t random =
        Mixed(seed_ ^ (static_cast<uint64_t>(n) << 20) ^ static_cast<uint64_t>(i));
    // A third each: counters, gauges of two digits, any bits at all (NaNs too).
    batch.values.push_back(i % 3 == 0   ? static_cast<double>(n * 10 + i)
                           : i % 3 == 1 ? static_cast<double>(random % 1000) / 100
                                        : std::bit_cast<double>(random));
    if (late) batch.times_ms.push_back(batch.time_ms + i % 50);
  }
}

}  // namespace grayling

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// Which targets share series, as sets that only grow: two targets are in one group when some series
// came from both, directly or through others. So no series has samples outside its group. Targets
// are small dense numbers. Not thread-safe.
class TargetGroups {
 public:
  // Costs a comparison for a series that came from this target before.
  void Add(uint32_t target, absl::Span<const SeriesId> series);
  // All targets of the target's group, itself among them.
  absl::Span<const uint32_t> GroupOf(uint32_t target);
  // All targets that the series may have come from; empty for one never added.
  absl::Span<const uint32_t> GroupOfSeries(SeriesId series);

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  void Grow(uint32_t target);
  uint32_t RootOf(uint32_t target);
  void Unite(uint32_t a, uint32_t b);

  std::vector<uint32_t> target_of_;             // by series: the last one it came from
  std::vector<uint32_t> parent_;                // by target
  std::vector<std::vector<uint32_t>> members_;  // by target; whole at the roots
};

}  // namespace grayling

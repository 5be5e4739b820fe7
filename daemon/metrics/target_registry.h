#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/target_groups.h"

namespace grayling {

// Numbers of targets, dense from 0, and which rows a series can be in. Not thread-safe.
class TargetRegistry {
 public:
  // A batch of the target has these series. The target's number.
  uint32_t Add(absl::string_view target, absl::Span<const SeriesId> series);
  // A row of the target cannot be read: any series that is not known to be elsewhere may be in it.
  void AddUnreadable(uint32_t target) { unreadable_.push_back(target); }
  // The targets whose rows may hold samples of some of `series`, ascending.
  std::vector<int64_t> TargetsOf(absl::Span<const SeriesId> series);
  // The targets that share series with `target`, directly or through others, ascending.
  std::vector<int64_t> GroupOf(uint32_t target);

  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;  // by number
  absl::flat_hash_map<std::string, uint32_t> numbers_;
  TargetGroups groups_;
  std::vector<uint32_t> unreadable_;
};

}  // namespace grayling

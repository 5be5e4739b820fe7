#include "daemon/metrics/target_registry.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"

namespace grayling {
namespace {

template <typename Numbers>
std::vector<int64_t> Ascending(const Numbers& numbers) {
  std::vector<int64_t> ascending(numbers.begin(), numbers.end());
  std::sort(ascending.begin(), ascending.end());
  return ascending;
}

}  // namespace

uint32_t TargetRegistry::Add(absl::string_view target, absl::Span<const SeriesId> series) {
  auto found = numbers_.find(target);
  if (found == numbers_.end()) {
    found = numbers_.emplace(std::string(target), static_cast<uint32_t>(names_.size())).first;
    names_.emplace_back(target);
  }
  groups_.Add(found->second, series);
  return found->second;
}

std::vector<int64_t> TargetRegistry::TargetsOf(absl::Span<const SeriesId> series) {
  absl::flat_hash_set<uint32_t> targets;
  for (const SeriesId id : series) {
    const absl::Span<const uint32_t> group = groups_.GroupOfSeries(id);
    if (group.empty()) targets.insert(unreadable_.begin(), unreadable_.end());
    // A group is all in or all out.
    if (!group.empty() && !targets.contains(group[0])) targets.insert(group.begin(), group.end());
  }
  return Ascending(targets);
}

std::vector<int64_t> TargetRegistry::GroupOf(uint32_t target) {
  return Ascending(groups_.GroupOf(target));
}

}  // namespace grayling

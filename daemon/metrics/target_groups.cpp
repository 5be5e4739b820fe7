#include "daemon/metrics/target_groups.h"

#include <algorithm>
#include <utility>

namespace grayling {

void TargetGroups::Grow(uint32_t target) {
  while (parent_.size() <= target) {
    const auto fresh = static_cast<uint32_t>(parent_.size());
    parent_.push_back(fresh);
    members_.push_back({fresh});
  }
}

uint32_t TargetGroups::RootOf(uint32_t target) {
  while (parent_[target] != target) {
    parent_[target] = parent_[parent_[target]];
    target = parent_[target];
  }
  return target;
}

void TargetGroups::Unite(uint32_t a, uint32_t b) {
  a = RootOf(a);
  b = RootOf(b);
  if (a == b) return;
  if (members_[a].size() < members_[b].size()) std::swap(a, b);
  parent_[b] = a;
  members_[a].insert(members_[a].end(), members_[b].begin(), members_[b].end());
  members_[b] = {};
}

void TargetGroups::Add(uint32_t target, absl::Span<const SeriesId> series) {
  Grow(target);
  if (series.empty()) return;
  const SeriesId largest = *std::max_element(series.begin(), series.end());
  if (target_of_.size() <= largest) target_of_.resize(size_t{largest} + 1, kNone);
  for (const SeriesId id : series) {
    if (target_of_[id] == target) continue;
    if (target_of_[id] != kNone) Unite(target_of_[id], target);
    target_of_[id] = target;
  }
}

absl::Span<const uint32_t> TargetGroups::GroupOf(uint32_t target) {
  Grow(target);
  return members_[RootOf(target)];
}

absl::Span<const uint32_t> TargetGroups::GroupOfSeries(SeriesId series) {
  if (series >= target_of_.size() || target_of_[series] == kNone) return {};
  return GroupOf(target_of_[series]);
}

}  // namespace grayling

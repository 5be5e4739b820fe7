#include "ml/trainer/level_relocation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "ml/core/scale.h"
#include "ml/core/statistics.h"

namespace grayling {
namespace {

// In scales of the column.
constexpr float kLevelTolerance = 1.5F;
constexpr size_t kLeastHealthyRows = 20;

// How one column behaves in the runs that have enough healthy rows.
struct ColumnLevels {
  float lowest = std::numeric_limits<float>::infinity();  // of the runs' healthy medians
  float highest = -std::numeric_limits<float>::infinity();
  float scale = 1;  // of the deviations from the run's own median

  bool Known() const { return lowest <= highest; }
  bool Differ() const { return highest - lowest > kLevelTolerance * scale; }
};

ColumnLevels LevelsOf(absl::Span<const Run* const> runs,
                      absl::Span<const std::vector<bool>> healthy, Eigen::Index column) {
  ColumnLevels levels;
  std::vector<float> healthy_deviations, all_deviations;
  for (size_t i = 0; i < runs.size(); ++i) {
    const auto values = runs[i]->values.col(column);
    std::vector<float> own;
    for (size_t r = 0; r < healthy[i].size(); ++r) {
      const float value = values[static_cast<Eigen::Index>(r)];
      if (healthy[i][r] && !std::isnan(value)) own.push_back(value);
    }
    if (own.size() < kLeastHealthyRows) continue;
    const float median = TakeQuantile(own, 0.5);
    levels.lowest = std::min(levels.lowest, median);
    levels.highest = std::max(levels.highest, median);
    for (const float value : own) healthy_deviations.push_back(value - median);
    for (const float value : values) {
      if (!std::isnan(value)) all_deviations.push_back(value - median);
    }
  }
  if (healthy_deviations.empty()) return levels;
  levels.scale = FitScale(healthy_deviations, all_deviations).scale;
  // The floor of FitScale for values that hardly move; deviations have no level of their own.
  const float magnitude = std::min(std::abs(levels.lowest), std::abs(levels.highest));
  levels.scale = std::max(levels.scale, 0.05F * magnitude);
  return levels;
}

size_t CountGroups(absl::Span<const Run* const> runs) {
  std::set<std::string> groups;
  for (const Run* run : runs) groups.insert(run->group.empty() ? run->id : run->group);
  return groups.size();
}

}  // namespace

void ForgetUnsteadyLevels(absl::Span<const Run* const> runs,
                          absl::Span<const std::vector<bool>> healthy,
                          absl::Span<const Eigen::Index> positions,
                          std::vector<ColumnScale>& scales) {
  const bool knows_others = CountGroups(runs) > 1;
  for (size_t c = 0; c < scales.size(); ++c) {
    const ColumnLevels levels = LevelsOf(runs, healthy, positions[c]);
    if (knows_others && !levels.Differ()) continue;
    scales[c] = {kUnknownLocation, levels.Known() ? levels.scale : scales[c].scale};
  }
}

}  // namespace grayling

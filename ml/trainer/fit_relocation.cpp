#include "ml/trainer/fit_relocation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/status_macros.h"
#include "ml/core/features.h"
#include "ml/core/scale.h"

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

float MedianOf(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

ColumnLevels LevelsOf(const Dataset& part, const std::vector<std::vector<bool>>& healthy,
                      Eigen::Index column) {
  ColumnLevels levels;
  std::vector<float> healthy_deviations, all_deviations;
  for (size_t i = 0; i < part.runs.size(); ++i) {
    const auto values = part.runs[i].values.col(column);
    std::vector<float> own;
    for (size_t r = 0; r < healthy[i].size(); ++r) {
      const float value = values[static_cast<Eigen::Index>(r)];
      if (healthy[i][r] && !std::isnan(value)) own.push_back(value);
    }
    if (own.size() < kLeastHealthyRows) continue;
    const float median = MedianOf(own);
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

size_t CountGroups(const Dataset& part) {
  std::set<std::string> groups;
  for (const Run& run : part.runs) groups.insert(run.group.empty() ? run.id : run.group);
  return groups.size();
}

// Makes the features of every sequence anew, in the order in which the set was built.
absl::Status RemakeFeatures(const Dataset& part, const std::vector<Eigen::Index>& positions,
                            TrainingSet& set) {
  GRAYLING_ASSIGN_OR_RETURN(
      FeatureBank bank, FeatureBank::Create(set.columns, set.scales, set.services, set.candidates));
  std::vector<float> row(positions.size());
  std::vector<std::string> owners;
  for (const std::string& column : set.columns) owners.push_back(RoleOf(column).service);
  size_t next = 0;
  for (const Run& run : part.runs) {
    std::vector<CandidateSequence*> sequences;
    for (int s = 0; s < bank.streams(); ++s) {
      bool present = false;
      for (size_t c = 0; c < positions.size() && !present; ++c) {
        const bool mine = set.services.empty() || owners[c] == set.services[static_cast<size_t>(s)];
        present = mine && !run.values.col(positions[c]).array().isNaN().all();
      }
      sequences.push_back(present && next < set.sequences.size() ? &set.sequences[next++]
                                                                 : nullptr);
    }
    bank.Reset();
    for (Eigen::Index r = 0; r < run.values.rows(); ++r) {
      for (size_t c = 0; c < positions.size(); ++c) row[c] = run.values(r, positions[c]);
      bank.Step(row);
      for (int s = 0; s < bank.streams(); ++s) {
        CandidateSequence* sequence = sequences[static_cast<size_t>(s)];
        if (sequence == nullptr) continue;
        sequence->features.row(r) = bank.output().row(s);
        if (!bank.present(s)) sequence->labels.weights[static_cast<size_t>(r)] = 0;
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Relocate(const Dataset& part, const LabelSettings& labels, TrainingSet& set) {
  std::map<std::string, Eigen::Index> index;
  for (size_t c = 0; c < part.columns.size(); ++c) {
    index[part.columns[c]] = static_cast<Eigen::Index>(c);
  }
  std::vector<Eigen::Index> positions;
  for (const std::string& column : set.columns) positions.push_back(index[column]);
  std::vector<std::vector<bool>> healthy;
  for (const Run& run : part.runs) healthy.push_back(HealthyRows(run, labels.recovery_s));
  const bool knows_others = CountGroups(part) > 1;
  bool any = false;
  for (size_t c = 0; c < set.columns.size(); ++c) {
    const ColumnLevels levels = LevelsOf(part, healthy, positions[c]);
    if (knows_others && !levels.Differ()) continue;
    set.scales[c] = {kUnknownLocation, levels.Known() ? levels.scale : set.scales[c].scale};
    any = true;
  }
  return any ? RemakeFeatures(part, positions, set) : absl::OkStatus();
}

}  // namespace grayling

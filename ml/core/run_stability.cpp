#include "ml/core/run_stability.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ml/core/dataset_split.h"
#include "ml/core/denoise.h"
#include "ml/core/row_kind.h"

namespace grayling {
namespace {

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// One value per column, NaN where there is none.
struct Repetition {
  std::string name;
  std::vector<double> values;
};

Repetition Summarise(const Run& run, double recovery_s) {
  Repetition repetition{run.id, {}};
  const std::vector<RowKind> kinds = KindsOfRows(run, recovery_s);
  for (Eigen::Index column = 0; column < run.values.cols(); ++column) {
    std::vector<double> values;
    for (Eigen::Index row = 0; row < run.values.rows(); ++row) {
      const float value = run.values(row, column);
      if (kinds[static_cast<size_t>(row)] == RowKind::kFaultFree && std::isfinite(value)) {
        values.push_back(value);
      }
    }
    repetition.values.push_back(values.empty() ? std::numeric_limits<double>::quiet_NaN()
                                               : Median(std::move(values)));
  }
  return repetition;
}

std::string ConditionOf(const Run& run) {
  std::set<std::string> labels;
  for (const LabelWindow& window : run.windows) labels.insert(window.label);
  const std::string faults = labels.empty() ? "no faults" : absl::StrJoin(labels, "+");
  return run.entity.empty() ? faults : absl::StrCat(run.entity, ", ", faults);
}

std::map<std::string, std::vector<Repetition>> Conditions(const Dataset& dataset) {
  const double recovery_s = kRecoveryRows * dataset.period_s;
  std::map<std::string, std::vector<Repetition>> conditions;
  for (const Run& run : dataset.runs) {
    // Window groups that interleave in time are no repetitions: such a run counts as one.
    const auto pieces = CutByWindowGroups(run, std::numeric_limits<double>::infinity(), recovery_s);
    for (const Run& piece : pieces.ok() ? *pieces : std::vector<Run>{run}) {
      conditions[ConditionOf(piece)].push_back(Summarise(piece, recovery_s));
    }
  }
  return conditions;
}

// Fills all but the names of condition and column; false without enough repetitions.
bool Measure(const std::vector<Repetition>& repetitions, size_t column, double threshold,
             RunStability& result) {
  std::vector<double> values;
  for (const Repetition& repetition : repetitions) {
    const double value = repetition.values[column];
    if (!std::isnan(value)) values.push_back(value);
  }
  if (values.size() < kLeastRepetitions) return false;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double range = *high - *low;
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  result.repetitions = static_cast<int>(values.size());
  result.relative_range = range == 0 ? 0 : range / std::abs(mean);
  result.unstable = result.relative_range >= threshold;
  result.median = Median(values);
  double farthest = -1;
  for (const Repetition& repetition : repetitions) {
    const double distance = std::abs(repetition.values[column] - result.median);
    if (!(distance > farthest)) continue;
    farthest = distance;
    result.farthest = repetition.name;
    result.farthest_value = repetition.values[column];
  }
  return true;
}

}  // namespace

absl::StatusOr<std::vector<RunStability>> StabilityOfRuns(const Dataset& dataset,
                                                          absl::Span<const std::string> columns,
                                                          double threshold) {
  for (const std::string& column : columns) {
    if (std::count(dataset.columns.begin(), dataset.columns.end(), column) == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("there is no column \"", column, "\" in this data set"));
    }
  }
  const std::map<std::string, std::vector<Repetition>> conditions = Conditions(dataset);
  std::vector<RunStability> results;
  for (const auto& [condition, repetitions] : conditions) {
    if (repetitions.size() < kLeastRepetitions) continue;
    for (size_t i = 0; i < dataset.columns.size(); ++i) {
      const std::string& column = dataset.columns[i];
      if (!columns.empty() && std::count(columns.begin(), columns.end(), column) == 0) continue;
      RunStability result;
      if (!Measure(repetitions, i, threshold, result)) continue;
      result.condition = condition;
      result.column = column;
      results.push_back(std::move(result));
    }
  }
  if (results.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "no condition was repeated ", kLeastRepetitions,
        " times with values: repetitions are runs of one entity with the same fault labels"));
  }
  std::stable_sort(results.begin(), results.end(), [](const auto& a, const auto& b) {
    return a.relative_range > b.relative_range;
  });
  return results;
}

}  // namespace grayling

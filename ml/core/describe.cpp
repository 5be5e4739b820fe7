#include "ml/core/describe.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "ml/core/describe_column.h"
#include "ml/core/describe_phases.h"
#include "ml/core/describe_target.h"

namespace grayling {
namespace {

constexpr size_t kFewestGroups = 5;  // below, events are resampled
constexpr int kFewestEvents = 3;     // below, there is no interval
constexpr Eigen::Index kBlock = 16;  // columns copied out of the rows at a time

const std::string& GroupOf(const Run& run) { return run.group.empty() ? run.id : run.group; }

// The events of one kind and how the bootstrap may draw them.
struct Kind {
  KindDescription description;
  std::vector<EventPhases> events;
  std::vector<int> group_of_event;
  bool has_one_run_per_group = true;
  Eigen::MatrixXf by_group;  // resamples x events: how often the draw holds the event
  Eigen::MatrixXf by_event;
};

void SetWeights(const Dataset& dataset, const DescribeSettings& settings, Kind& kind) {
  std::set<size_t> runs;
  std::map<std::string, int> groups;
  for (const EventPhases& event : kind.events) {
    runs.insert(event.run);
    const auto place =
        groups.emplace(GroupOf(dataset.runs[event.run]), static_cast<int>(groups.size())).first;
    kind.group_of_event.push_back(place->second);
  }
  kind.has_one_run_per_group = groups.size() == runs.size();
  const auto events = static_cast<Eigen::Index>(kind.events.size());
  kind.by_event = ResampleCounts(static_cast<int>(events), settings.resamples, settings.seed);
  const Eigen::MatrixXf counts =
      ResampleCounts(static_cast<int>(groups.size()), settings.resamples, settings.seed);
  kind.by_group.resize(settings.resamples, events);
  for (Eigen::Index e = 0; e < events; ++e) {
    kind.by_group.col(e) = counts.col(kind.group_of_event[static_cast<size_t>(e)]);
  }
}

std::vector<Kind> KindsOf(const Dataset& dataset, const DescribeSettings& settings) {
  std::map<std::string, Kind> by_name;
  for (const EventPhases& event : PhasesOf(dataset, settings.recovery_s)) {
    by_name[dataset.runs[event.run].windows[event.window].label].events.push_back(event);
  }
  std::vector<Kind> kinds;
  for (auto& [name, kind] : by_name) {
    kind.description.kind = name;
    kind.description.events = static_cast<int>(kind.events.size());
    SetWeights(dataset, settings, kind);
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

// Bootstrap interval of the mean delta over events; events without one are left out.
Interval IntervalOfMean(const Eigen::MatrixXf& weights, const std::vector<float>& deltas) {
  Eigen::MatrixXf parts(static_cast<Eigen::Index>(deltas.size()), 2);
  for (size_t e = 0; e < deltas.size(); ++e) {
    const bool is_known = !std::isnan(deltas[e]);
    parts(static_cast<Eigen::Index>(e), 0) = is_known ? deltas[e] : 0;
    parts(static_cast<Eigen::Index>(e), 1) = is_known ? 1 : 0;
  }
  const Eigen::MatrixXf sums = weights * parts;
  std::vector<double> means;
  for (Eigen::Index draw = 0; draw < sums.rows(); ++draw) {
    means.push_back(sums(draw, 1) > 0 ? static_cast<double>(sums(draw, 0) / sums(draw, 1))
                                      : Effect::kUndefined);
  }
  return PercentileInterval(std::move(means));
}

void SetIntervals(const Kind& kind, ColumnOfKind& found) {
  std::set<int> groups;
  for (size_t e = 0; e < kind.events.size(); ++e) {
    if (!std::isnan(found.deltas[0][e])) groups.insert(kind.group_of_event[e]);
  }
  const bool by_group = groups.size() >= kFewestGroups;
  if (!by_group && found.column.events < kFewestEvents) return;
  found.column.resampled = !by_group ? "events" : kind.has_one_run_per_group ? "runs" : "groups";
  for (size_t i = 0; i < kComparisons.size(); ++i) {
    if (std::isnan(found.column.effects[i].delta)) continue;
    found.column.effects[i].interval =
        IntervalOfMean(by_group ? kind.by_group : kind.by_event, found.deltas[i]);
  }
}

void Describe(const Dataset& dataset, const std::string& name, const ColumnValues& values,
              Kind& kind) {
  ColumnOfKind found = DescribeColumn(dataset, values, kind.events);
  if (found.column.events == 0) return;
  found.column.column = name;
  SetIntervals(kind, found);
  kind.description.columns.push_back(std::move(found.column));
}

// Copies `count` columns from `first` on out of the row-major runs.
class ColumnBlock {
 public:
  ColumnBlock(const Dataset& dataset, Eigen::Index first, Eigen::Index count)
      : columns_(static_cast<size_t>(count)) {
    for (ColumnValues& column : columns_) column.runs.resize(dataset.runs.size());
    for (size_t r = 0; r < dataset.runs.size(); ++r) {
      const Matrix& values = dataset.runs[r].values;
      const size_t rows = static_cast<size_t>(values.rows());
      for (ColumnValues& column : columns_) column.runs[r].resize(rows);
      for (Eigen::Index row = 0; row < values.rows(); ++row) {
        for (size_t c = 0; c < columns_.size(); ++c) {
          columns_[c].runs[r][static_cast<size_t>(row)] =
              values(row, first + static_cast<Eigen::Index>(c));
        }
      }
    }
  }

  const ColumnValues& Prepare(const Dataset& dataset, size_t c) {
    ColumnValues& column = columns_[c];
    for (size_t r = 0; r < column.runs.size(); ++r) {
      if (!dataset.runs[r].windows.empty()) continue;
      for (const float value : column.runs[r]) {
        if (!std::isnan(value)) column.baseline.push_back(value);
      }
    }
    std::sort(column.baseline.begin(), column.baseline.end());
    column.against_baseline = RankReference(column.baseline);
    return column;
  }

 private:
  std::vector<ColumnValues> columns_;
};

// The effect that the data support: the end of the interval nearest to 0, less the drift.
double SupportedEffect(const ColumnDescription& column) {
  const Effect& effect = column.effects[0];
  if (std::isnan(effect.interval.low)) return 0;
  const double drift = std::isnan(column.drift) ? 0 : column.drift;
  return std::max({0.0, effect.interval.low - std::max(0.0, drift),
                   -effect.interval.high - std::max(0.0, -drift)});
}

bool IsMoreAffected(const ColumnDescription& a, const ColumnDescription& b) {
  const double supported_a = SupportedEffect(a);
  const double supported_b = SupportedEffect(b);
  if (supported_a != supported_b) return supported_a > supported_b;
  const double delta_a = std::abs(a.effects[0].delta), delta_b = std::abs(b.effects[0].delta);
  if (delta_a != delta_b) return delta_a > delta_b;
  return std::abs(a.shift) > std::abs(b.shift);
}

void AdjustPValues(std::vector<Kind>& kinds) {
  for (size_t c = 0; c < kComparisons.size(); ++c) {
    std::vector<double> p_values;
    for (const Kind& kind : kinds) {
      for (const auto& column : kind.description.columns) {
        p_values.push_back(column.effects[c].p_value);
      }
    }
    const std::vector<double> adjusted = AdjustForFalseDiscovery(p_values);
    size_t at = 0;
    for (Kind& kind : kinds) {
      for (auto& column : kind.description.columns) {
        column.effects[c].adjusted_p_value = adjusted[at++];
      }
    }
  }
}

}  // namespace

Description DescribeFaults(const Dataset& dataset, const DescribeSettings& settings) {
  Description description;
  description.baseline_runs =
      static_cast<int>(std::count_if(dataset.runs.begin(), dataset.runs.end(),
                                     [](const Run& run) { return run.windows.empty(); }));
  std::vector<Kind> kinds = KindsOf(dataset, settings);
  const auto columns = static_cast<Eigen::Index>(dataset.columns.size());
  for (Eigen::Index first = 0; !kinds.empty() && first < columns; first += kBlock) {
    const Eigen::Index count = std::min(kBlock, columns - first);
    ColumnBlock block(dataset, first, count);
    for (Eigen::Index c = 0; c < count; ++c) {
      const ColumnValues& values = block.Prepare(dataset, static_cast<size_t>(c));
      const std::string& name = dataset.columns[static_cast<size_t>(first + c)];
      for (Kind& kind : kinds) Describe(dataset, name, values, kind);
    }
  }
  for (const TargetColumn& target : TargetColumnsOf(dataset)) {
    for (Kind& kind : kinds) {
      ColumnValues values;
      values.runs = ValuesOfTarget(dataset, target, kind.events);
      Describe(dataset, target.name, values, kind);
    }
  }
  AdjustPValues(kinds);
  for (Kind& kind : kinds) {
    std::stable_sort(kind.description.columns.begin(), kind.description.columns.end(),
                     IsMoreAffected);
    description.kinds.push_back(std::move(kind.description));
  }
  return description;
}

}  // namespace grayling

#include "ml/core/dataset_union.h"

#include <limits>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace grayling {

std::vector<Eigen::Index> ColumnUnion::Add(const std::vector<std::string>& columns) {
  std::vector<Eigen::Index> places;
  places.reserve(columns.size());
  for (const std::string& column : columns) {
    const auto [found, fresh] = place_.emplace(column, static_cast<Eigen::Index>(names_.size()));
    if (fresh) names_.push_back(column);
    places.push_back(found->second);
  }
  return places;
}

void Widen(const std::vector<Eigen::Index>& places, Eigen::Index columns, Matrix& values) {
  bool in_place = static_cast<Eigen::Index>(places.size()) == columns;
  for (size_t i = 0; in_place && i < places.size(); ++i) {
    in_place = places[i] == static_cast<Eigen::Index>(i);
  }
  if (in_place) return;
  Matrix wide = Matrix::Constant(values.rows(), columns, std::numeric_limits<float>::quiet_NaN());
  for (Eigen::Index row = 0; row < values.rows(); ++row) {
    for (size_t i = 0; i < places.size(); ++i) {
      wide(row, places[i]) = values(row, static_cast<Eigen::Index>(i));
    }
  }
  values = std::move(wide);
}

absl::StatusOr<Dataset> MergeDatasets(std::vector<Dataset> datasets) {
  if (datasets.empty()) {
    return absl::InvalidArgumentError("there is no data set to merge; name at least one");
  }
  ColumnUnion columns;
  std::vector<std::vector<Eigen::Index>> places;
  std::set<std::string> ids;
  for (const Dataset& dataset : datasets) {
    if (dataset.period_s != datasets.front().period_s) {
      return absl::InvalidArgumentError(absl::StrCat(
          dataset.name, " has a row every ", dataset.period_s, " s, ", datasets.front().name,
          " every ", datasets.front().period_s, " s; merge only data sets of one period"));
    }
    for (const Run& run : dataset.runs) {
      if (!ids.insert(run.id).second) {
        return absl::InvalidArgumentError(
            absl::StrCat("the run ", run.id, " comes twice; name each data set once"));
      }
    }
    places.push_back(columns.Add(dataset.columns));
  }
  std::vector<Run> runs;
  std::vector<std::pair<std::string, std::string>> edges;
  std::set<std::pair<std::string, std::string>> known;
  for (size_t d = 0; d < datasets.size(); ++d) {
    for (Run& run : datasets[d].runs) {
      Widen(places[d], static_cast<Eigen::Index>(columns.names().size()), run.values);
      runs.push_back(std::move(run));
    }
    for (auto& edge : datasets[d].edges) {
      if (known.insert(edge).second) edges.push_back(std::move(edge));
    }
  }
  Dataset merged = std::move(datasets.front());
  merged.columns = columns.names();
  merged.edges = std::move(edges);
  merged.runs = std::move(runs);
  return merged;
}

}  // namespace grayling

#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "ml/core/dataset.h"

namespace grayling {

// The union of several tables' columns, in order of first sight. Not thread-safe.
class ColumnUnion {
 public:
  // Where each of `columns` stands among all.
  std::vector<Eigen::Index> Add(const std::vector<std::string>& columns);
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, Eigen::Index> place_;
};

// Moves column i of `values` (rows x places.size()) to places[i] of `columns` columns; the others
// are missing.
void Widen(const std::vector<Eigen::Index>& places, Eigen::Index columns, Matrix& values);

// One data set with the runs, columns and edges of all. Name and description are the first's.
// INVALID_ARGUMENT when periods differ or a run's id comes twice.
absl::StatusOr<Dataset> MergeDatasets(std::vector<Dataset> datasets);

}  // namespace grayling

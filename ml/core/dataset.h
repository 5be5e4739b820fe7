#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Dense>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace grayling {

// Rows x columns, row-major: a row is one instant.
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// [start, end) of a fault, Unix seconds.
struct LabelWindow {
  double start = 0;
  double end = 0;
  std::string label;    // fault kind
  std::string service;  // may be empty
  std::string group;    // windows of one group stay on one side of a split; may be empty
  std::optional<double> intensity;
  std::vector<std::string> metrics = {};  // columns known to show it; empty: not known
};

// One contiguous stretch of multivariate series.
struct Run {
  std::string id;
  std::string group;
  std::string split;  // "train", "test" or ""
  std::string entity;
  std::vector<double> time;  // strictly increasing, Unix seconds
  Matrix values;             // time.size() x dataset.columns.size(); NaN is missing
  std::vector<LabelWindow> windows;
};

// `grayling-dataset/1` in memory.
struct Dataset {
  std::string name;
  std::string description;
  std::string licence;
  std::string source;
  double period_s = 1;
  std::vector<std::string> columns;
  std::vector<std::pair<std::string, std::string>> edges;  // caller, callee
  std::vector<Run> runs;
};

// Reads DIR/dataset.json and its CSV files (.csv or .csv.gz). Columns are the union over the runs,
// in order of first sight; a column that a run's file lacks is missing (NaN) throughout that run.
// Errors name file, line and column. INVALID_ARGUMENT too when there are windows and none of them
// touches the rows of its run: then the two are in different clocks.
absl::StatusOr<Dataset> ReadDataset(const std::string& directory);
// The same for those runs only that `wanted` chooses by id, group, split, entity and windows; the
// others' files are not opened. Use it where runs of different entities share no columns.
absl::StatusOr<Dataset> ReadDataset(const std::string& directory,
                                    absl::FunctionRef<bool(const Run&)> wanted);
// How many of a run's windows contain no instant between its first row and a period after its last.
size_t WindowsOutside(const Run& run, double period_s);
// Writes a directory that ReadDataset reads back equal. The directory is made when missing; runs of
// more than a million cells are compressed.
absl::Status WriteDataset(const Dataset& dataset, const std::string& directory);

}  // namespace grayling

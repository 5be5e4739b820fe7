#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ml/core/dataset.h"

namespace grayling {

// The inputs of the measurements: made, always the same, and written out for the peers.

// 10,000 rows x 200 features of two classes, many of them related, and the classes.
struct SelectionInput {
  Matrix values;
  std::vector<int> labels;
};
const SelectionInput& SelectionBenchInput();

// A noisy, drifting series of 100,000 values.
const std::vector<float>& SeriesBenchInput();

// 5,000 rows x 100 columns for the feature pass.
const Matrix& FeatureBenchInput();

inline constexpr int kSelectionCount = 20;
inline constexpr int kRollingWindows[] = {31, 101};

// A run's file of 20,000 rows x 200 columns, about 36 MB.
inline constexpr char kTableFile[] = "table.csv";

// Writes mrmr.f32, mrmr.i32, series.f32, features.f32, table.csv and shapes.json into `folder`, and
// picks.json with what SelectFeatures picks by FCQ. UNAVAILABLE when a file cannot be written.
absl::Status WriteBenchData(const std::string& folder);

}  // namespace grayling

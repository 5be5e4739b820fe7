#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "ml/core/model.h"

namespace grayling {

// What one stream of a run gives a network to see.
struct StreamRows {
  Matrix inputs;              // rows x features
  std::vector<bool> present;  // rows in which the stream has an input of its own
};

// The columns that have a value anywhere in the run, in the order of `columns`.
std::vector<std::string> ColumnsWithValues(const Run& run, const std::vector<std::string>& columns);

// One per stream of the model, which is retargeted (retarget.h) to the columns that this run has.
// INVALID_ARGUMENT when the model's parts do not fit.
absl::StatusOr<std::vector<StreamRows>> StreamsOf(const Model& model, const Run& run,
                                                  const std::vector<std::string>& columns);

// Per row the largest score over the streams that are present; minus infinity where none is.
absl::StatusOr<std::vector<float>> LargestOverStreams(
    const std::vector<StreamRows>& streams,
    absl::FunctionRef<absl::StatusOr<std::vector<float>>(const Matrix& inputs)> score);

}  // namespace grayling

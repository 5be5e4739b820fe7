#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ml/core/model.h"

namespace grayling {

// Errors name the path.
absl::StatusOr<Model> ReadModelFile(const std::string& path);
// Writes beside `path` first and renames, so that a reader never sees half a model.
absl::Status WriteModelFile(const Model& model, const std::string& path);

}  // namespace grayling

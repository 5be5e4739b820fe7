#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ml/core/dataset.h"

namespace grayling {

// dataset.json without the samples: `dataset.runs` have neither time nor values.
struct DatasetIndex {
  Dataset dataset;
  std::vector<std::string> files;  // one per run, relative to the directory
};

// Keys that are not known are passed over: the format may grow. `file` only names the text in
// errors.
absl::StatusOr<DatasetIndex> ParseDatasetIndex(absl::string_view text, const std::string& file);

// `files` names one file per run.
std::string SerializeDatasetIndex(const Dataset& dataset, const std::vector<std::string>& files);

}  // namespace grayling

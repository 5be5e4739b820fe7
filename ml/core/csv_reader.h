#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ml/core/dataset.h"

namespace grayling {

// One run's file: `time` and the named columns.
struct CsvTable {
  std::vector<std::string> columns;  // without `time`
  std::vector<double> time;          // strictly increasing, Unix seconds
  Matrix values;                     // time.size() x columns.size(); NaN is missing
};

// Reads RFC 4180 text: header `time,<column>,...`, LF or CRLF line ends, quoted fields. An empty
// cell is missing. `file` only names the text in errors, which read `file:line:column: what and
// what to do` (column counts bytes from 1, as editors do). Pure.
absl::StatusOr<CsvTable> ParseCsv(absl::string_view text, absl::string_view file);

// Reads a file; a name that ends in .gz is decompressed. NOT_FOUND when it cannot be opened.
absl::StatusOr<CsvTable> ReadCsv(const std::string& path);

}  // namespace grayling

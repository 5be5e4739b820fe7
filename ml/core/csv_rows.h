#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ml/core/csv_cells.h"
#include "ml/core/csv_reader.h"

namespace grayling {

// Builds a CsvTable from text that comes in pieces. Rows of plain numbers take a fast way that
// writes each cell straight to its place; whatever else a row holds (quotes, many digits, errors)
// takes the slow way, with the same result. Not thread-safe.
class CsvRows {
 public:
  // `file` only names the text in errors.
  explicit CsvRows(absl::string_view file) : file_(file) {}

  // Takes the whole records at the beginning of `text` and returns how many bytes they have; the
  // rest is to be given again, with more behind it. `last`: there is no more.
  absl::StatusOr<size_t> Take(absl::string_view text, bool last);
  // What was read. To be called once, last.
  CsvTable Finish();

 private:
  // A record by the slow way; false when it is not whole yet.
  absl::StatusOr<bool> TakeSlowly(absl::string_view text, bool last, size_t& taken);
  absl::Status ReadHeader(CsvCells& cells);
  absl::Status ReadRow(CsvCells& cells, double& seconds);
  // Where the row at `at` ends, or null when it needs the slow way. A line end follows.
  const char* ReadPlainRow(const char* at);
  // Room for the cells of the next row.
  float* NextRow();

  const std::string file_;
  size_t line_ = 1;
  bool has_header_ = false;
  CsvTable table_;
};

}  // namespace grayling

#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace grayling {

// The cells of one record of RFC 4180 text, one at a time, with their place in the file. Not
// thread-safe.
class CsvCells {
 public:
  // `text` begins with the record, at line `line` of `file`, which must outlive this.
  CsvCells(absl::string_view text, absl::string_view file, size_t line)
      : text_(text), file_(file), line_(line), cell_line_(line) {}

  // The next cell, unquoted; valid until the next call. INVALID_ARGUMENT for broken quoting.
  absl::StatusOr<absl::string_view> Next();
  // The last cell was the record's last.
  bool AtRecordEnd() const { return ended_; }
  // The text ended before or with the last cell, without a line end.
  bool RanOut() const { return ran_out_; }
  // Of the text after the record, once AtRecordEnd().
  size_t offset() const { return next_; }
  size_t line() const { return line_; }

  // INVALID_ARGUMENT `file:line:column: sentence` at the last cell.
  absl::Status Error(absl::string_view sentence) const;

 private:
  bool AtLineEnd() const;
  absl::StatusOr<absl::string_view> Quoted();
  absl::StatusOr<absl::string_view> Plain();
  absl::Status PassSeparator();

  const absl::string_view text_;
  const absl::string_view file_;
  size_t next_ = 0;
  size_t line_;
  size_t line_begin_ = 0;
  size_t cell_line_;
  size_t cell_column_ = 1;
  bool ended_ = false;
  bool ran_out_ = false;
  std::string unquoted_;
};

}  // namespace grayling

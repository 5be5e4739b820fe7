#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/load/jtl_columns.h"
#include "daemon/load/jtl_row.h"

namespace grayling {

// Reads JMeter's results (a JTL) in CSV while they grow: bytes go in as they come, in pieces of any
// length, and every row that is whole comes out, in the file's order, which is the order of the
// samples' ends. The same bytes give the same rows, however they are cut. Not thread-safe.
//
// The first line is a header or a row in JMeter 5's default order. The delimiter is the first of
// , ; | and tab in the file. A field in quotes holds delimiters, line breaks and doubled quotes
// (RFC 4180). A header that comes again is left out.
class JtlReader {
 public:
  // Texts live as long as the call.
  using Visitor = std::function<void(const JtlRow&)>;

  // INVALID_ARGUMENT when the file is no CSV that can be read (XML, a column missing, instants that
  // are no milliseconds, a row without an end in 1 MiB), with the property that mends it. After
  // that the reader is of no use, and says the same again.
  absl::Status Read(absl::string_view bytes, const Visitor& visit);

  uint64_t rows() const { return rows_; }
  // Rows left out because a field was unreadable, and what was wrong with the first of them.
  uint64_t unreadable_rows() const { return unreadable_rows_; }
  const std::string& first_complaint() const { return first_complaint_; }

 private:
  enum class Place { kFieldStart, kPlain, kQuoted, kQuoteInQuoted };

  absl::Status Take(char byte, const Visitor& visit);
  void EndField();
  absl::Status EndRecord(const Visitor& visit);
  absl::Status ReadFirstRecord(const Visitor& visit);
  void ReadRow(const Visitor& visit);

  absl::Status failure_;
  std::optional<JtlColumns> columns_;
  char delimiter_ = '\0';  // none seen yet
  Place place_ = Place::kFieldStart;
  std::vector<std::string> fields_;  // of the present record; reused
  size_t field_ = 0;                 // the one that is being filled
  size_t record_bytes_ = 0;
  uint64_t rows_ = 0;
  uint64_t unreadable_rows_ = 0;
  std::string first_complaint_;
};

}  // namespace grayling

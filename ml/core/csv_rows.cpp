#include "ml/core/csv_rows.h"

#include <algorithm>
#include <limits>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "ml/core/decimal.h"

namespace grayling {
namespace {

constexpr Eigen::Index kFirstRows = 1024;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// What some spreadsheets put before UTF-8 text.
constexpr char kByteOrderMark[] = "\xef\xbb\xbf";

// The number at `at` by the standard library; null when the cell is none.
const char* ReadLongNumber(const char* at, float& value) {
  const char* end = at;
  while (*end != ',' && *end != '\r' && *end != '\n') ++end;
  return ParseFinite(absl::string_view(at, static_cast<size_t>(end - at)), value) ? end : nullptr;
}

}  // namespace

absl::StatusOr<size_t> CsvRows::Take(absl::string_view text, bool last) {
  size_t taken = 0;
  // Within whole lines every scan ends at a line end at the latest.
  const size_t whole_lines = text.rfind('\n') + 1;
  while (taken < text.size() || !has_header_) {
    if (has_header_ && taken < whole_lines) {
      if (const char* end = ReadPlainRow(text.data() + taken); end != nullptr) {
        taken = static_cast<size_t>(end - text.data());
        ++line_;
        continue;
      }
    }
    GRAYLING_ASSIGN_OR_RETURN(const bool whole, TakeSlowly(text, last, taken));
    if (!whole) break;
  }
  return taken;
}

absl::StatusOr<bool> CsvRows::TakeSlowly(absl::string_view text, bool last, size_t& taken) {
  CsvCells cells(text.substr(taken), file_, line_);
  double seconds = 0;
  const absl::Status read = has_header_ ? ReadRow(cells, seconds) : ReadHeader(cells);
  if (cells.RanOut() && !last) return false;
  GRAYLING_RETURN_IF_ERROR(read);
  // Only now does a row count; what one that ran out left in its place is written over.
  if (has_header_) table_.time.push_back(seconds);
  has_header_ = true;
  taken += cells.offset();
  line_ = cells.line();
  return true;
}

absl::Status CsvRows::ReadHeader(CsvCells& cells) {
  std::vector<std::string> columns;
  std::unordered_set<std::string> seen;
  for (bool first = true; first || !cells.AtRecordEnd(); first = false) {
    GRAYLING_ASSIGN_OR_RETURN(absl::string_view name, cells.Next());
    if (first) {
      absl::ConsumePrefix(&name, kByteOrderMark);
      if (name != "time") return cells.Error("the first column must be called time");
      continue;
    }
    if (name.empty()) return cells.Error("a column has no name; name it in the header");
    if (name == "time" || !seen.insert(std::string(name)).second) {
      return cells.Error(absl::StrCat("the column ", name, " is named twice; rename one of them"));
    }
    columns.emplace_back(name);
  }
  table_.columns = std::move(columns);
  table_.values.resize(0, static_cast<Eigen::Index>(table_.columns.size()));
  return absl::OkStatus();
}

absl::Status CsvRows::ReadRow(CsvCells& cells, double& seconds) {
  GRAYLING_ASSIGN_OR_RETURN(const absl::string_view stamp, cells.Next());
  if (!ParseFinite(stamp, seconds)) {
    return cells.Error(absl::StrCat("\"", stamp, "\" is not a time; write Unix seconds"));
  }
  if (!table_.time.empty() && seconds <= table_.time.back()) {
    return cells.Error("the time does not increase; sort the rows and remove doubles");
  }
  float* value = NextRow();
  for (const std::string& column : table_.columns) {
    if (cells.AtRecordEnd()) {
      return cells.Error(absl::StrCat("the row ends before the column ", column,
                                      "; give one cell for each column of the header"));
    }
    GRAYLING_ASSIGN_OR_RETURN(const absl::string_view cell, cells.Next());
    *value = kMissing;
    if (!cell.empty() && !ParseFinite(cell, *value)) {
      return cells.Error(absl::StrCat("\"", cell, "\" in the column ", column,
                                      " is not a finite number; leave the cell empty when the "
                                      "value is missing"));
    }
    ++value;
  }
  if (!cells.AtRecordEnd()) {
    return cells.Error(absl::StrCat("the row goes on after its last column; the header names ",
                                    table_.columns.size() + 1, " columns"));
  }
  return absl::OkStatus();
}

const char* CsvRows::ReadPlainRow(const char* at) {
  double seconds = 0;
  at = ReadDecimal(at, seconds);
  if (at == nullptr || (!table_.time.empty() && seconds <= table_.time.back())) return nullptr;
  float* value = NextRow();
  for (float* const end = value + table_.columns.size(); value < end; ++value) {
    if (*at++ != ',') return nullptr;
    if (*at == ',' || *at == '\r' || *at == '\n') {
      *value = kMissing;
    } else if (const char* number_end = ReadDecimal(at, *value)) {
      at = number_end;
    } else if ((at = ReadLongNumber(at, *value)) == nullptr) {
      return nullptr;
    }
  }
  if (*at == '\r') ++at;
  if (*at != '\n') return nullptr;
  table_.time.push_back(seconds);
  return at + 1;
}

float* CsvRows::NextRow() {
  const auto row = static_cast<Eigen::Index>(table_.time.size());
  if (row >= table_.values.rows()) {
    // Large blocks grow by moving pages, not bytes; pages that are never written cost nothing.
    table_.values.conservativeResize(std::max(kFirstRows, 2 * row), table_.values.cols());
  }
  return table_.values.data() + row * table_.values.cols();
}

CsvTable CsvRows::Finish() {
  table_.values.conservativeResize(static_cast<Eigen::Index>(table_.time.size()),
                                   table_.values.cols());
  return std::move(table_);
}

}  // namespace grayling

#include "ml/core/csv_reader.h"

#include <zlib.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <unordered_set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

// One cell at a time, with its place in the file.
class CellReader {
 public:
  CellReader(absl::string_view text, absl::string_view file) : text_(text), file_(file) {}

  bool AtEnd() const { return next_ >= text_.size(); }
  bool AtLineEnd() const { return line_ended_; }

  // The next cell, unquoted; valid until the next call.
  absl::StatusOr<absl::string_view> Next() {
    if (line_ended_) {
      ++line_;
      line_begin_ = next_;
      line_ended_ = false;
    }
    cell_begin_ = next_;
    absl::string_view cell;
    if (next_ < text_.size() && text_[next_] == '"') {
      GRAYLING_ASSIGN_OR_RETURN(cell, Quoted());
    } else {
      while (next_ < text_.size() && text_[next_] != ',' && !AtNewline()) {
        if (text_[next_] == '"') {
          return Error(
              "a quote stands inside an unquoted cell; quote the whole cell and double it");
        }
        ++next_;
      }
      cell = text_.substr(cell_begin_, next_ - cell_begin_);
    }
    GRAYLING_RETURN_IF_ERROR(PassSeparator());
    return cell;
  }

  absl::Status Error(absl::string_view sentence) const {
    return absl::InvalidArgumentError(
        absl::StrCat(file_, ":", line_, ":", cell_begin_ - line_begin_ + 1, ": ", sentence));
  }

 private:
  bool AtNewline() const {
    return text_[next_] == '\n' ||
           (text_[next_] == '\r' && next_ + 1 < text_.size() && text_[next_ + 1] == '\n');
  }

  absl::StatusOr<absl::string_view> Quoted() {
    unquoted_.clear();
    for (++next_; next_ < text_.size(); ++next_) {
      if (text_[next_] != '"') {
        unquoted_ += text_[next_];
      } else if (next_ + 1 < text_.size() && text_[next_ + 1] == '"') {
        unquoted_ += text_[next_++];
      } else {
        ++next_;
        return absl::string_view(unquoted_);
      }
    }
    return Error("a quoted cell never ends; close the quote");
  }

  absl::Status PassSeparator() {
    if (next_ >= text_.size()) {
      line_ended_ = true;
    } else if (text_[next_] == ',') {
      ++next_;
    } else if (AtNewline()) {
      next_ += text_[next_] == '\r' ? 2 : 1;
      line_ended_ = true;
    } else {
      return Error("text follows the closing quote of a cell; remove it or quote the whole cell");
    }
    return absl::OkStatus();
  }

  const absl::string_view text_;
  const absl::string_view file_;
  size_t next_ = 0;
  size_t line_begin_ = 0;
  size_t cell_begin_ = 0;
  size_t line_ = 1;
  bool line_ended_ = false;
  std::string unquoted_;
};

bool ParseFinite(absl::string_view cell, double& value) {
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return error == std::errc() && end == cell.data() + cell.size() && std::isfinite(value);
}

absl::StatusOr<std::vector<std::string>> ParseHeader(CellReader& cells) {
  std::vector<std::string> columns;
  std::unordered_set<std::string> seen;
  bool first = true;
  while (!cells.AtLineEnd()) {
    GRAYLING_ASSIGN_OR_RETURN(const absl::string_view name, cells.Next());
    if (first) {
      if (name != "time") return cells.Error("the first column must be called time");
      first = false;
      continue;
    }
    if (name.empty()) return cells.Error("a column has no name; name it in the header");
    if (name == "time" || !seen.insert(std::string(name)).second) {
      return cells.Error(absl::StrCat("the column ", name, " is named twice; rename one of them"));
    }
    columns.emplace_back(name);
  }
  return columns;
}

absl::Status ParseRow(CellReader& cells, const std::vector<std::string>& columns,
                      std::vector<double>& time, std::vector<float>& values) {
  GRAYLING_ASSIGN_OR_RETURN(const absl::string_view stamp, cells.Next());
  double seconds = 0;
  if (!ParseFinite(stamp, seconds)) {
    return cells.Error(absl::StrCat("\"", stamp, "\" is not a time; write Unix seconds"));
  }
  if (!time.empty() && seconds <= time.back()) {
    return cells.Error("the time does not increase; sort the rows and remove doubles");
  }
  time.push_back(seconds);
  for (const std::string& column : columns) {
    if (cells.AtLineEnd()) {
      return cells.Error(absl::StrCat("the row ends before the column ", column,
                                      "; give one cell for each column of the header"));
    }
    GRAYLING_ASSIGN_OR_RETURN(const absl::string_view cell, cells.Next());
    double value = std::numeric_limits<double>::quiet_NaN();
    if (!cell.empty() &&
        (!ParseFinite(cell, value) || std::abs(value) > std::numeric_limits<float>::max())) {
      return cells.Error(absl::StrCat("\"", cell, "\" in the column ", column,
                                      " is not a finite number; leave the cell empty when the "
                                      "value is missing"));
    }
    values.push_back(static_cast<float>(value));
  }
  if (!cells.AtLineEnd()) {
    return cells.Error(absl::StrCat("the row goes on after its last column; the header names ",
                                    columns.size() + 1, " columns"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CsvTable> ParseCsv(absl::string_view text, absl::string_view file) {
  CellReader cells(text, file);
  CsvTable table;
  GRAYLING_ASSIGN_OR_RETURN(table.columns, ParseHeader(cells));
  std::vector<float> values;
  while (!cells.AtEnd()) {
    GRAYLING_RETURN_IF_ERROR(ParseRow(cells, table.columns, table.time, values));
  }
  table.values = Eigen::Map<const Matrix>(values.data(), table.time.size(), table.columns.size());
  return table;
}

absl::StatusOr<CsvTable> ReadCsv(const std::string& path) {
  // zlib reads plain files through the same calls.
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), &gzclose);
  if (file == nullptr) {
    return absl::NotFoundError(absl::StrCat(path, " cannot be opened; check that it is there"));
  }
  std::string text;
  std::vector<char> block(size_t{1} << 18);
  while (true) {
    const int got = gzread(file.get(), block.data(), static_cast<unsigned>(block.size()));
    if (got < 0) {
      int code = 0;
      return absl::DataLossError(absl::StrCat(path, " cannot be read: ", gzerror(file.get(), &code),
                                              "; fetch or write the file again"));
    }
    if (got == 0) break;
    text.append(block.data(), static_cast<size_t>(got));
  }
  int code = Z_OK;
  gzerror(file.get(), &code);
  if (code != Z_OK) {
    return absl::DataLossError(
        absl::StrCat(path, " is cut off inside its compressed data; fetch or write it again"));
  }
  return ParseCsv(text, path);
}

}  // namespace grayling

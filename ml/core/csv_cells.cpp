#include "ml/core/csv_cells.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {

absl::Status CsvCells::Error(absl::string_view sentence) const {
  return absl::InvalidArgumentError(
      absl::StrCat(file_, ":", cell_line_, ":", cell_column_, ": ", sentence));
}

absl::StatusOr<absl::string_view> CsvCells::Next() {
  cell_line_ = line_;
  cell_column_ = next_ - line_begin_ + 1;
  const bool quoted = next_ < text_.size() && text_[next_] == '"';
  GRAYLING_ASSIGN_OR_RETURN(const absl::string_view cell, quoted ? Quoted() : Plain());
  GRAYLING_RETURN_IF_ERROR(PassSeparator());
  return cell;
}

bool CsvCells::AtLineEnd() const {
  return text_[next_] == '\n' ||
         (text_[next_] == '\r' && next_ + 1 < text_.size() && text_[next_ + 1] == '\n');
}

absl::StatusOr<absl::string_view> CsvCells::Plain() {
  const size_t begin = next_;
  while (next_ < text_.size() && text_[next_] != ',' && !AtLineEnd()) {
    if (text_[next_] == '"') {
      return Error("a quote stands inside an unquoted cell; quote the whole cell and double it");
    }
    ++next_;
  }
  return text_.substr(begin, next_ - begin);
}

absl::StatusOr<absl::string_view> CsvCells::Quoted() {
  unquoted_.clear();
  for (++next_; next_ < text_.size(); ++next_) {
    if (text_[next_] != '"') {
      unquoted_ += text_[next_];
      if (text_[next_] == '\n') {
        ++line_;
        line_begin_ = next_ + 1;
      }
    } else if (next_ + 1 < text_.size() && text_[next_ + 1] == '"') {
      unquoted_ += text_[next_++];
    } else {
      ++next_;
      return absl::string_view(unquoted_);
    }
  }
  ran_out_ = true;
  return Error("a quoted cell never ends; close the quote");
}

absl::Status CsvCells::PassSeparator() {
  if (next_ >= text_.size()) {
    ended_ = ran_out_ = true;
  } else if (text_[next_] == ',') {
    ++next_;
  } else if (AtLineEnd()) {
    next_ += text_[next_] == '\r' ? 2 : 1;
    ended_ = true;
    ++line_;
    line_begin_ = next_;
  } else {
    // A lone \r at the very end may be half of a line end.
    ran_out_ = next_ + 1 == text_.size();
    return Error("text follows the closing quote of a cell; remove it or quote the whole cell");
  }
  return absl::OkStatus();
}

}  // namespace grayling

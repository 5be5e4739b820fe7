#include "daemon/load/jtl_reader.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr size_t kLongestRecord = 1 << 20;
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsDelimiter(char byte) { return byte == ',' || byte == ';' || byte == '\t' || byte == '|'; }

}  // namespace

absl::Status JtlReader::Read(absl::string_view bytes, const Visitor& visit) {
  for (const char byte : bytes) {
    if (!failure_.ok()) break;
    failure_ = Take(byte, visit);
  }
  return failure_;
}

absl::Status JtlReader::Take(char byte, const Visitor& visit) {
  if (++record_bytes_ > kLongestRecord) {
    return absl::InvalidArgumentError(absl::StrCat(
        "row ", rows_ + unreadable_rows_ + 1,
        " of the results has no end in 1 MiB; a quote is not closed, or it is no CSV"));
  }
  if (fields_.size() <= field_) fields_.resize(field_ + 1);
  std::string& field = fields_[field_];
  if (place_ == Place::kQuoted) {
    if (byte == '"') {
      place_ = Place::kQuoteInQuoted;
    } else {
      field.push_back(byte);
    }
    return absl::OkStatus();
  }
  if (byte == '"' && place_ != Place::kPlain) {
    if (place_ == Place::kQuoteInQuoted) field.push_back('"');
    place_ = Place::kQuoted;
    return absl::OkStatus();
  }
  if (delimiter_ == '\0' && IsDelimiter(byte)) delimiter_ = byte;
  if (byte == delimiter_) {
    EndField();
    return absl::OkStatus();
  }
  if (byte == '\n') return EndRecord(visit);
  if (byte == '<' && !columns_.has_value() && field_ == 0 &&
      (field.empty() || field == kByteOrderMark)) {
    return absl::InvalidArgumentError(
        "the results are XML; set jmeter.save.saveservice.output_format=csv");
  }
  place_ = Place::kPlain;
  field.push_back(byte);
  return absl::OkStatus();
}

void JtlReader::EndField() {
  ++field_;
  place_ = Place::kFieldStart;
}

absl::Status JtlReader::EndRecord(const Visitor& visit) {
  std::string& last = fields_[field_];
  if (place_ == Place::kPlain && !last.empty() && last.back() == '\r') last.pop_back();
  fields_.resize(field_ + 1);
  const bool is_blank = field_ == 0 && last.empty();
  absl::Status read;
  if (!is_blank && !columns_.has_value()) {
    read = ReadFirstRecord(visit);
  } else if (!is_blank && !JtlColumns::IsHeader(fields_[0])) {
    ReadRow(visit);
  }
  for (std::string& field : fields_) field.clear();
  field_ = record_bytes_ = 0;
  place_ = Place::kFieldStart;
  return read;
}

absl::Status JtlReader::ReadFirstRecord(const Visitor& visit) {
  if (absl::string_view(fields_[0]).substr(0, 3) == kByteOrderMark) fields_[0].erase(0, 3);
  if (JtlColumns::IsHeader(fields_[0])) {
    GRAYLING_ASSIGN_OR_RETURN(columns_, JtlColumns::FromHeader(fields_));
    return absl::OkStatus();
  }
  GRAYLING_ASSIGN_OR_RETURN(columns_, JtlColumns::ForFirstRow(fields_));
  ReadRow(visit);
  return absl::OkStatus();
}

void JtlReader::ReadRow(const Visitor& visit) {
  const absl::StatusOr<JtlRow> row = columns_->RowOf(fields_);
  if (row.ok()) {
    ++rows_;
    visit(*row);
    return;
  }
  if (++unreadable_rows_ == 1) {
    first_complaint_ = absl::StrCat("row ", rows_ + 1, ": ", std::string(row.status().message()));
  }
}

}  // namespace grayling

#include "daemon/load/jtl_columns.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr std::array<absl::string_view, 17> kDefaultOrder = {
    "timeStamp",  "elapsed", "label",          "responseCode", "responseMessage", "threadName",
    "dataType",   "success", "failureMessage", "bytes",        "sentBytes",       "grpThreads",
    "allThreads", "URL",     "Latency",        "IdleTime",     "Connect"};
// Years 2001 to 2286: 13 digits.
constexpr int64_t kEarliest_ms = 1'000'000'000'000;
constexpr int64_t kLatest_ms = 9'999'999'999'999;
constexpr int64_t kLongest_ms = 30LL * 24 * 3600 * 1000;
constexpr size_t kShownOfAField = 40;

std::string Shown(absl::string_view field) {
  return absl::StrCat("'", field.substr(0, kShownOfAField),
                      field.size() > kShownOfAField ? "...'" : "'");
}

bool IsInstant(absl::string_view text, int64_t& milliseconds) {
  return absl::SimpleAtoi(text, &milliseconds) && milliseconds >= kEarliest_ms &&
         milliseconds <= kLatest_ms;
}

absl::Status NoInstant(absl::string_view field) {
  return absl::InvalidArgumentError(absl::StrCat("timeStamp ", Shown(field),
                                                 " is no Unix time in milliseconds; set "
                                                 "jmeter.save.saveservice.timestamp_format=ms"));
}

}  // namespace

struct JtlColumns::ColumnName {
  absl::string_view name;
  absl::string_view mandatory_property;  // brings a column that must be there
};

const std::array<JtlColumns::ColumnName, JtlColumns::kColumns>& JtlColumns::Names() {
  static constexpr std::array<ColumnName, kColumns> kNames = {{
      {"timeStamp", "timestamp_format=ms"},
      {"elapsed", "time=true"},
      {"label", "label=true"},
      {"success", "successful=true"},
      {"responseCode", ""},
      {"responseMessage", ""},
      {"failureMessage", ""},
      {"bytes", ""},
      {"allThreads", ""},
  }};
  return kNames;
}

bool JtlColumns::IsHeader(absl::string_view first_field) {
  return absl::EqualsIgnoreCase(first_field, "timeStamp");
}

absl::StatusOr<JtlColumns> JtlColumns::FromHeader(absl::Span<const std::string> names) {
  JtlColumns columns(names.size());
  for (size_t column = 0; column < kColumns; ++column) {
    const ColumnName& known = Names()[column];
    for (size_t field = 0; field < names.size(); ++field) {
      if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(names[field]), known.name)) continue;
      columns.at_[column] = field;
      break;
    }
    if (columns.at_[column] == kMissing && !known.mandatory_property.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("the results have no column '", known.name,
                                                     "'; set jmeter.save.saveservice.",
                                                     known.mandatory_property));
    }
  }
  return columns;
}

absl::StatusOr<JtlColumns> JtlColumns::ForFirstRow(absl::Span<const std::string> fields) {
  int64_t milliseconds = 0;
  if (!IsInstant(fields[0], milliseconds)) return NoInstant(fields[0]);
  if (fields.size() < kDefaultOrder.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the results have no header and ", fields.size(),
                     " columns, but JMeter's "
                     "default is ",
                     kDefaultOrder.size(), "; set jmeter.save.saveservice.print_field_names=true"));
  }
  std::vector<std::string> names(kDefaultOrder.begin(), kDefaultOrder.end());
  names.resize(fields.size());
  return FromHeader(names);
}

absl::string_view JtlColumns::Field(absl::Span<const std::string> fields, Column column) const {
  return at_[column] == kMissing ? absl::string_view() : absl::string_view(fields[at_[column]]);
}

absl::StatusOr<JtlRow> JtlColumns::RowOf(absl::Span<const std::string> fields) const {
  if (fields.size() != width_) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", fields.size(), " fields, and the first line has ", width_));
  }
  JtlRow row;
  if (!IsInstant(Field(fields, kTimeStamp), row.start_ms)) {
    return NoInstant(Field(fields, kTimeStamp));
  }
  const absl::string_view elapsed = Field(fields, kElapsed);
  if (!absl::SimpleAtoi(elapsed, &row.elapsed_ms) || row.elapsed_ms < 0 ||
      row.elapsed_ms > kLongest_ms) {
    return absl::InvalidArgumentError(
        absl::StrCat("elapsed ", Shown(elapsed), " is no time in milliseconds"));
  }
  const absl::string_view success = Field(fields, kSuccess);
  row.success = absl::EqualsIgnoreCase(success, "true");
  if (!row.success && !absl::EqualsIgnoreCase(success, "false")) {
    return absl::InvalidArgumentError(
        absl::StrCat("success ", Shown(success), " is neither true nor false"));
  }
  const absl::string_view bytes = Field(fields, kBytes);
  if (!bytes.empty() && !absl::SimpleAtoi(bytes, &row.bytes)) {
    return absl::InvalidArgumentError(absl::StrCat("bytes ", Shown(bytes), " is no number"));
  }
  const absl::string_view users = Field(fields, kAllThreads);
  uint32_t all_users = 0;
  if (!users.empty() && !absl::SimpleAtoi(users, &all_users)) {
    return absl::InvalidArgumentError(absl::StrCat("allThreads ", Shown(users), " is no number"));
  }
  if (!users.empty()) row.all_users = all_users;
  row.label = Field(fields, kLabel);
  row.response_code = Field(fields, kResponseCode);
  row.response_message = Field(fields, kResponseMessage);
  row.failure_message = Field(fields, kFailureMessage);
  return row;
}

}  // namespace grayling

#include "client/cli/output/cells.h"

#include <array>
#include <charconv>
#include <cmath>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace grayling {

std::string Cell(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  const absl::Time instant =
      absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", instant, absl::UTCTimeZone());
}

std::string Cell(const google::protobuf::Duration& duration) {
  return absl::FormatDuration(absl::Seconds(duration.seconds()) +
                              absl::Nanoseconds(duration.nanos()));
}

std::string Cell(double value) { return std::isnan(value) ? "" : absl::StrFormat("%.6g", value); }

std::string ExactCell(double value) {
  if (std::isnan(value)) return "";
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string Cell(bool value) { return value ? "yes" : "no"; }

}  // namespace grayling

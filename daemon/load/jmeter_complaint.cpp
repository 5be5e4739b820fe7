#include "daemon/load/jmeter_complaint.h"

#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/metrics/valid_utf8.h"

namespace grayling {
namespace {

constexpr size_t kLongest = 300;
constexpr size_t kMostOfAFile = 1 << 20;

std::string BeginOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostOfAFile, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

}  // namespace

std::string ComplaintIn(absl::string_view text) {
  std::string error;
  bool cause_follows = false;  // "Cause:" stands alone in its line
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || absl::StartsWith(line, "at ")) continue;  // of a stack trace
    if (cause_follows) {
      absl::StrAppend(&error, error.empty() ? "" : " ", line);
      break;
    }
    cause_follows = line == "Cause:";
    if (absl::StrContains(line, "Caused by: ")) {
      error = std::string(line);
      break;
    }
    const bool is_error = absl::StrContains(line, "ERROR") || absl::StrContains(line, "rror") ||
                          absl::StrContains(line, "xception") ||
                          absl::StrContains(line, "Could not");
    if (error.empty() && is_error) error = std::string(line);
  }
  return ValidUtf8(absl::string_view(error).substr(0, kLongest));
}

std::string JmeterComplaint(const JmeterFiles& files) {
  const std::string complaint = ComplaintIn(BeginOf(files.output()));
  return complaint.empty() ? ComplaintIn(BeginOf(files.log())) : complaint;
}

}  // namespace grayling

#include "ml/commands/score_file.h"

#include <charconv>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ml/commands/whole_file.h"

namespace grayling {
namespace {

// RFC 4180.
std::string Quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

template <typename Number>
void Append(std::string& line, Number value) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value, std::chars_format::fixed);
  if (end.ec == std::errc()) {
    line.append(digits, end.ptr);
    return;
  }
  const auto shorter = std::to_chars(digits, digits + sizeof(digits), value);
  line.append(digits, shorter.ptr);
}

}  // namespace

absl::Status WriteScores(absl::Span<const ScoredRun> runs, const std::string& path) {
  return WriteWholeFile(path, "the scores", [&](std::ostream& out) {
    out << "run,time,score,alarm\n";
    std::string line;
    for (const ScoredRun& scored : runs) {
      const std::string id = Quoted(scored.run->id);
      for (size_t r = 0; r < scored.scores.size(); ++r) {
        line = absl::StrCat(id, ",");
        Append(line, scored.run->time[r]);
        line += ',';
        Append(line, scored.scores[r]);
        line += scored.alarms[r] ? ",1\n" : ",0\n";
        out << line;
      }
    }
  });
}

}  // namespace grayling

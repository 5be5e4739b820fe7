#include "daemon/metrics/label_block.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/metrics/valid_utf8.h"

namespace grayling {
namespace {

size_t SkipBlanks(absl::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  return at;
}

// True when a value may end before `at`: the block ends there or the next label begins.
bool IsBoundary(absl::string_view block, size_t at) {
  at = SkipBlanks(block, at);
  if (at == block.size()) return true;
  if (block[at] != ',') return false;
  at = SkipBlanks(block, at + 1);
  if (at == block.size() || block[at] == '"') return true;
  const size_t name = at;
  while (at < block.size() && (absl::ascii_isalnum(block[at]) || block[at] == '_')) ++at;
  if (at == name) return false;
  at = SkipBlanks(block, at);
  if (at >= block.size() || block[at] != '=') return false;
  at = SkipBlanks(block, at + 1);
  return at < block.size() && block[at] == '"';
}

// The closing quote of the value that begins at `at`: the first that is not escaped, if the text
// behind it agrees; else nobody escaped anything, and it is the first that the text agrees with.
size_t ClosingQuote(absl::string_view block, size_t at) {
  size_t i = at;
  while (i < block.size() && block[i] != '"') i += block[i] == '\\' ? 2 : 1;
  if (i < block.size() && IsBoundary(block, i + 1)) return i;
  for (i = at; i < block.size(); ++i) {
    if (block[i] == '"' && IsBoundary(block, i + 1)) return i;
  }
  return absl::string_view::npos;
}

absl::Status Unreadable(absl::string_view block) {
  return absl::InvalidArgumentError(
      absl::StrCat("the label block {", block, "} is not a list of name=\"value\" pairs"));
}

absl::StatusOr<std::string> ReadName(absl::string_view block, size_t& at) {
  const size_t open = at;
  const size_t close = ClosingQuoteOf(block, open);
  const bool quoted = close != absl::string_view::npos;
  const size_t equals = quoted ? SkipBlanks(block, close + 1) : block.find('=', open);
  if (equals >= block.size() || block[equals] != '=') return Unreadable(block);
  at = equals + 1;
  const absl::string_view name =
      quoted ? block.substr(open + 1, close - open - 1)
             : absl::StripAsciiWhitespace(block.substr(open, equals - open));
  if (name.empty()) return Unreadable(block);
  return Unescaped(name);
}

}  // namespace

size_t ClosingQuoteOf(absl::string_view text, size_t open) {
  size_t at = open + 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return open < text.size() && text[open] == '"' && at < text.size() ? at : absl::string_view::npos;
}

std::string Unescaped(absl::string_view raw) {
  std::string value;
  value.reserve(raw.size());
  for (size_t i = 0; i < raw.size();) {
    const char next = i + 1 < raw.size() ? raw[i + 1] : '\0';
    if (raw[i] == '\\' && (next == '\\' || next == '"' || next == 'n')) {
      value.push_back(next == 'n' ? '\n' : next);
      i += 2;
    } else {
      value.push_back(raw[i++]);
    }
  }
  return ValidUtf8(value);
}

absl::StatusOr<std::vector<Label>> DecodeLabels(absl::string_view block) {
  std::vector<Label> labels;
  size_t at = SkipBlanks(block, 0);
  while (at < block.size()) {
    Label label;
    GRAYLING_ASSIGN_OR_RETURN(label.name, ReadName(block, at));
    at = SkipBlanks(block, at);
    if (at >= block.size() || block[at] != '"') return Unreadable(block);
    const size_t close = ClosingQuote(block, at + 1);
    if (close == absl::string_view::npos) return Unreadable(block);
    label.value = Unescaped(block.substr(at + 1, close - at - 1));
    labels.push_back(std::move(label));
    at = SkipBlanks(block, close + 1);
    if (at < block.size()) at = SkipBlanks(block, at + 1);  // the comma
  }
  return labels;
}

void AppendEscaped(absl::string_view value, std::string& out) {
  for (const char c : value) {
    if (c == '\\' || c == '"') out.push_back('\\');
    if (c == '\n') {
      out.append("\\n");
    } else {
      out.push_back(c);
    }
  }
}

}  // namespace grayling

#include "daemon/metrics/series_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/metrics/label_block.h"

namespace grayling {
namespace {

bool IsPlain(absl::string_view name, bool colon) {
  if (name.empty() || absl::ascii_isdigit(name.front())) return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) && c != '_' && !(colon && c == ':')) return false;
  }
  return true;
}

void AppendQuoted(absl::string_view text, std::string& out) {
  out.push_back('"');
  AppendEscaped(text, out);
  out.push_back('"');
}

}  // namespace

void AppendLabelName(absl::string_view name, std::string& out) {
  if (IsPlain(name, /*colon=*/false)) {
    absl::StrAppend(&out, name);
  } else {
    AppendQuoted(name, out);
  }
}

std::string SeriesText(absl::string_view name, const std::map<std::string, std::string>& labels) {
  std::string text;
  const bool plain = IsPlain(name, /*colon=*/true);
  if (plain) {
    absl::StrAppend(&text, name);
  } else {
    text.push_back('{');
    AppendQuoted(name, text);
  }
  bool open = !plain;
  for (const auto& [label, value] : labels) {
    if (value.empty()) continue;
    text.push_back(open ? ',' : '{');
    open = true;
    AppendLabelName(label, text);
    text.push_back('=');
    AppendQuoted(value, text);
  }
  if (open) text.push_back('}');
  return text;
}

absl::StatusOr<SeriesParts> PartsOf(absl::string_view series) {
  SeriesParts parts;
  const size_t open = series.find('{');
  parts.name = std::string(series.substr(0, open));
  if (open == absl::string_view::npos) return parts;
  if (series.back() != '}') {
    return absl::InvalidArgumentError(absl::StrCat("'", series, "' is no series: '}' is missing"));
  }
  absl::string_view block = series.substr(open + 1, series.size() - open - 2);
  if (open == 0) {  // {"the.name",a="x"}: the name's value has no label name of its own
    const size_t close = ClosingQuoteOf(block, 0);
    if (close == absl::string_view::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", series, "' is no series: it has no name"));
    }
    parts.name = Unescaped(block.substr(1, close - 1));
    block.remove_prefix(std::min(block.size(), close + 2));
  }
  GRAYLING_ASSIGN_OR_RETURN(parts.labels, DecodeLabels(block));
  return parts;
}

}  // namespace grayling

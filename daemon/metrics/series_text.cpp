#include "daemon/metrics/series_text.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/metrics/label_block.h"
#include "daemon/metrics/valid_utf8.h"

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
    if (IsPlain(label, /*colon=*/false)) {
      absl::StrAppend(&text, label);
    } else {
      AppendQuoted(label, text);
    }
    text.push_back('=');
    AppendQuoted(value, text);
  }
  if (open) text.push_back('}');
  return text;
}

absl::StatusOr<std::string> CanonicalSeries(
    absl::string_view name, absl::string_view label_block,
    const std::map<std::string, std::string>& target_labels) {
  GRAYLING_ASSIGN_OR_RETURN(std::vector<Label> scraped, DecodeLabels(label_block));
  std::map<std::string, std::string> labels;
  for (Label& label : scraped) {
    if (label.value.empty()) continue;
    if (!labels.emplace(label.name, std::move(label.value)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("the label '", label.name, "' is given twice in {", label_block, "}"));
    }
  }
  for (const auto& [label, value] : target_labels) {
    auto clash = labels.extract(label);
    if (!clash.empty()) {
      do {
        clash.key() = absl::StrCat("exported_", clash.key());
      } while (labels.contains(clash.key()) || target_labels.contains(clash.key()));
      labels.insert(std::move(clash));
    }
    labels[label] = value;
  }
  return SeriesText(ValidUtf8(name), labels);
}

}  // namespace grayling

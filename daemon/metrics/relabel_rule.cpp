#include "daemon/metrics/relabel_rule.h"

#include <re2/re2.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/metrics/series_text.h"

namespace grayling {
namespace {

constexpr const char* kName = "__name__";

// $1 and ${1} become \1; a backslash is doubled; any other '$' stands for itself.
std::string ToRewrite(absl::string_view replacement) {
  std::string rewrite;
  for (size_t i = 0; i < replacement.size(); ++i) {
    const absl::string_view rest = replacement.substr(i);
    if (rest.size() >= 2 && rest[0] == '$' && absl::ascii_isdigit(rest[1])) {
      absl::StrAppend(&rewrite, "\\", rest.substr(1, 1));
      i += 1;
    } else if (rest.size() >= 4 && rest[0] == '$' && rest[1] == '{' &&
               absl::ascii_isdigit(rest[2]) && rest[3] == '}') {
      absl::StrAppend(&rewrite, "\\", rest.substr(2, 1));
      i += 3;
    } else {
      if (rest[0] == '\\') rewrite.push_back('\\');
      rewrite.push_back(rest[0]);
    }
  }
  return rewrite;
}

bool Rewrites(RelabelRule::Action action) {
  return action == RelabelRule::Action::kReplace || action == RelabelRule::Action::kLabelMap;
}

std::string CanonicalText(const std::map<std::string, std::string>& labels) {
  std::map<std::string, std::string> others = labels;
  const auto name = others.extract(kName);
  return SeriesText(name.empty() ? "" : name.mapped(), others);
}

}  // namespace

absl::StatusOr<Relabelling> Relabelling::Of(const RelabelRule& rule) {
  Relabelling made;
  made.rule_ = rule;
  GRAYLING_ASSIGN_OR_RETURN(made.selector_, SeriesSelector::Parse(rule.selector));
  // The whole text must match, whatever alternatives the expression has.
  auto regex = std::make_shared<re2::RE2>(absl::StrCat("^(?s:", rule.regex, ")$"), re2::RE2::Quiet);
  if (!regex->ok()) {
    return absl::InvalidArgumentError(absl::StrCat("the relabelling's regular expression '",
                                                   rule.regex, "' is wrong: ", regex->error()));
  }
  if (rule.action == RelabelRule::Action::kReplace && rule.target_label.empty()) {
    return absl::InvalidArgumentError("a relabelling that replaces needs a target_label");
  }
  made.rewrite_ = ToRewrite(rule.replacement);
  std::string error;
  if (Rewrites(rule.action) && !regex->CheckRewriteString(made.rewrite_, &error)) {
    return absl::InvalidArgumentError(absl::StrCat("the relabelling's replacement '",
                                                   rule.replacement, "' does not fit '", rule.regex,
                                                   "': ", error));
  }
  made.regex_ = std::move(regex);
  return made;
}

std::string Relabelling::Source(const std::map<std::string, std::string>& labels) const {
  std::string source;
  for (size_t i = 0; i < rule_.source_labels.size(); ++i) {
    if (i > 0) source.append(rule_.separator);
    const auto found = labels.find(rule_.source_labels[i]);
    if (found != labels.end()) source.append(found->second);
  }
  return source;
}

bool Relabelling::Matches(const std::map<std::string, std::string>& labels) const {
  if (!rule_.selector.empty()) return selector_.Takes(CanonicalText(labels));
  return re2::RE2::FullMatch(Source(labels), *regex_);
}

void Relabelling::Replace(std::map<std::string, std::string>& labels) const {
  std::string value;
  if (!re2::RE2::Extract(Source(labels), *regex_, rewrite_, &value)) return;
  if (value.empty()) {
    labels.erase(rule_.target_label);
  } else {
    labels[rule_.target_label] = value;
  }
}

void Relabelling::MapLabels(std::map<std::string, std::string>& labels) const {
  const std::map<std::string, std::string> before = labels;
  for (const auto& [label, value] : before) {
    std::string copy;
    if (label == kName || !re2::RE2::Extract(label, *regex_, rewrite_, &copy)) continue;
    if (!copy.empty()) labels[copy] = value;
  }
}

bool Relabelling::Apply(std::map<std::string, std::string>& labels) const {
  const auto named = [&](const auto& label) {
    return label.first != kName && re2::RE2::FullMatch(label.first, *regex_);
  };
  switch (rule_.action) {
    case RelabelRule::Action::kKeep:
      return Matches(labels);
    case RelabelRule::Action::kDrop:
      return !Matches(labels);
    case RelabelRule::Action::kReplace:
      Replace(labels);
      return true;
    case RelabelRule::Action::kLabelMap:
      MapLabels(labels);
      return true;
    case RelabelRule::Action::kLabelDrop:
      std::erase_if(labels, named);
      return true;
    case RelabelRule::Action::kLabelKeep:
      std::erase_if(labels,
                    [&](const auto& label) { return label.first != kName && !named(label); });
      return true;
  }
  return true;
}

}  // namespace grayling

#include "daemon/metrics/series_rewriter.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/metrics/label_block.h"
#include "daemon/metrics/series_text.h"

namespace grayling {
namespace {

constexpr const char* kName = "__name__";

}  // namespace

absl::StatusOr<SeriesRewriter> SeriesRewriter::Of(Rules rules) {
  SeriesRewriter made;
  made.target_labels_ = std::move(rules.target_labels);
  made.honor_labels_ = rules.honor_labels;
  for (const RelabelRule& rule : rules.relabel) {
    GRAYLING_ASSIGN_OR_RETURN(Relabelling relabelling, Relabelling::Of(rule));
    made.relabel_.push_back(std::move(relabelling));
  }
  return made;
}

void SeriesRewriter::AddTargetLabels(std::map<std::string, std::string>& labels) const {
  for (const auto& [label, value] : target_labels_) {
    if (honor_labels_) {
      labels.emplace(label, value);
      continue;
    }
    auto clash = labels.extract(label);
    if (!clash.empty()) {
      do {
        clash.key() = absl::StrCat("exported_", clash.key());
      } while (labels.contains(clash.key()) || target_labels_.contains(clash.key()));
      labels.insert(std::move(clash));
    }
    labels[label] = value;
  }
}

absl::StatusOr<std::optional<std::string>> SeriesRewriter::Rewrite(
    absl::string_view name, absl::string_view label_block) const {
  GRAYLING_ASSIGN_OR_RETURN(std::vector<Label> scraped, DecodeLabels(label_block));
  std::map<std::string, std::string> labels;
  for (Label& label : scraped) {
    if (label.value.empty()) continue;
    if (label.name == kName) {
      return absl::InvalidArgumentError(
          absl::StrCat("the label '__name__' of ", name, "{", label_block, "} has its own place"));
    }
    if (!labels.emplace(label.name, std::move(label.value)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("the label '", label.name, "' is given twice in {", label_block, "}"));
    }
  }
  AddTargetLabels(labels);
  std::string written = Unescaped(name);
  if (relabel_.empty()) return SeriesText(written, labels);

  labels[kName] = std::move(written);
  for (const Relabelling& relabelling : relabel_) {
    if (!relabelling.Apply(labels)) return std::nullopt;
  }
  const auto named = labels.extract(kName);
  if (named.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("relabelling leaves ", name, "{", label_block, "} without a name"));
  }
  return SeriesText(named.mapped(), labels);
}

}  // namespace grayling

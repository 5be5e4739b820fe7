#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/metrics/series_selector.h"

namespace re2 {
class RE2;
}

namespace grayling {

// One step of what is done to a series before it is stored: the part of Prometheus's
// metric_relabel_configs that a scraper needs, with its words and defaults. The metric's name is
// the label __name__; `regex` is RE2's and matches the whole text; `replacement` knows $1 to $9 and
// ${1}.
struct RelabelRule {
  enum class Action {
    kKeep,       // series that do not match are dropped
    kDrop,       // series that match are dropped
    kReplace,    // target_label = replacement where source_labels match; "" removes the label
    kLabelMap,   // every label whose name matches is copied to the name `replacement`
    kLabelDrop,  // labels whose name matches are removed
    kLabelKeep,  // all other labels are removed; the metric's name stays
  };
  Action action = Action::kKeep;
  // Keep and drop: the series that match, in Prometheus's notation; "" means the sources decide.
  std::string selector;
  std::vector<std::string> source_labels;  // their values, joined with `separator`, are matched
  std::string separator = ";";
  std::string regex = "(.*)";
  std::string target_label;
  std::string replacement = "$1";

  friend bool operator==(const RelabelRule&, const RelabelRule&) = default;
};

// A rule ready for use. Immutable, thread-safe, cheap to copy.
class Relabelling {
 public:
  // INVALID_ARGUMENT with one sentence for a selector or expression that cannot be read, and for a
  // replacement that is needed and missing or that asks for a group that the expression lacks.
  static absl::StatusOr<Relabelling> Of(const RelabelRule& rule);

  // Changes `labels`, of which __name__ is one. False when the series is to be dropped.
  bool Apply(std::map<std::string, std::string>& labels) const;

 private:
  bool Matches(const std::map<std::string, std::string>& labels) const;
  std::string Source(const std::map<std::string, std::string>& labels) const;
  void Replace(std::map<std::string, std::string>& labels) const;
  void MapLabels(std::map<std::string, std::string>& labels) const;

  RelabelRule rule_;
  SeriesSelector selector_;
  std::string rewrite_;  // `replacement` as RE2 writes it
  std::shared_ptr<const re2::RE2> regex_;
};

}  // namespace grayling

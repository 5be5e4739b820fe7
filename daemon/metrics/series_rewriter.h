#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/metrics/relabel_rule.h"

namespace grayling {

// From a series as a target writes it to the canonical text it is stored under. Immutable,
// thread-safe.
class SeriesRewriter {
 public:
  struct Rules {
    std::map<std::string, std::string> target_labels;  // added to every series
    // A scraped label of the same name as a target's label: true keeps the scraped one, false keeps
    // it as exported_<name>, as Prometheus does.
    bool honor_labels = false;
    std::vector<RelabelRule> relabel;  // applied in order, with the target's labels there
  };

  // Adds nothing, changes nothing.
  SeriesRewriter() = default;
  // INVALID_ARGUMENT for a rule that cannot be used.
  static absl::StatusOr<SeriesRewriter> Of(Rules rules);

  // nullopt: a rule drops the series. Bytes that are no UTF-8 become U+FFFD. INVALID_ARGUMENT for
  // an unreadable block, a label given twice, a label __name__, or a series that the rules left
  // without a name.
  absl::StatusOr<std::optional<std::string>> Rewrite(absl::string_view name,
                                                     absl::string_view label_block) const;

 private:
  void AddTargetLabels(std::map<std::string, std::string>& labels) const;

  std::map<std::string, std::string> target_labels_;
  bool honor_labels_ = false;
  std::vector<Relabelling> relabel_;
};

}  // namespace grayling

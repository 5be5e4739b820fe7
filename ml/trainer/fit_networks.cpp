#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/trainer/fit.h"

namespace grayling {

size_t CountRows(const Dataset& dataset) {
  size_t rows = 0;
  for (const Run& run : dataset.runs) rows += run.time.size();
  return rows;
}

FitSettings DefaultFit(double period_s) {
  FitSettings settings;
  settings.labels = DefaultLabels(period_s);
  settings.evaluation = DefaultEvaluation(period_s);
  settings.targets = DefaultTargets(period_s);
  return settings;
}

std::string DescribeNetwork(const NetworkSettings& network) {
  const std::string name = ArchitectureName(network.architecture);
  if (network.architecture == Architecture::kLogistic) return name;
  if (network.layers == 1) return absl::StrCat(name, " ", network.hidden);
  return absl::StrCat(name, " ", network.layers, " x ", network.hidden);
}

absl::StatusOr<std::vector<NetworkSettings>> NetworksFor(absl::string_view architecture,
                                                         const NetworkSettings& base) {
  std::vector<NetworkSettings> networks;
  const auto add = [&](Architecture kind, int hidden) {
    NetworkSettings& network = networks.emplace_back(base);
    network.architecture = kind;
    network.hidden = hidden;
  };
  if (architecture == "auto") {
    add(Architecture::kLogistic, base.hidden);
    add(Architecture::kGru, std::max(1, base.hidden / 2));
    add(Architecture::kLstm, base.hidden);
    return networks;
  }
  GRAYLING_ASSIGN_OR_RETURN(const Architecture kind, ParseArchitecture(architecture));
  add(kind, base.hidden);
  return networks;
}

}  // namespace grayling

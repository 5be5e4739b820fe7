#pragma once

#include <map>
#include <string>
#include <vector>

#include "ml/core/dataset.h"
#include "ml/core/localisation_metrics.h"
#include "ml/core/localise.h"

namespace grayling {

// One fault whose cause was asked for. `label` and `truth` are empty where they are not known.
struct LocalisedFault {
  std::string run;
  double start = 0;
  std::string label;
  std::string truth;
  Localisation found;  // empty ranking: the run has no rows for it
};

// Over all faults with a known service, and by kind of fault.
struct LocalisationSummary {
  LocalisationAccuracy all;
  std::map<std::string, LocalisationAccuracy> by_label;
};

LocalisationSummary Summarise(const std::vector<LocalisedFault>& faults);

// The table of AC@1, AC@3, AC@5 and Avg@5; a sentence where no service is known.
std::string FormatSummary(const LocalisationSummary& summary);
// One line a fault: where and when, what it was, the true service's rank, the first three.
std::string FormatFaults(const std::vector<LocalisedFault>& faults);
// The ranking of one fault with the columns that speak for it, before and during.
std::string FormatEvidence(const LocalisedFault& fault, const Dataset& dataset);

// `[{"run", "start", "ranking": [..]}]`, what --out writes.
std::string RankingsAsJson(const std::vector<LocalisedFault>& faults);
// Everything, for programs: accuracy, and per fault the ranking with scores and evidence.
std::string ReportAsJson(const std::vector<LocalisedFault>& faults,
                         const LocalisationSummary& summary, const Dataset& dataset);

}  // namespace grayling

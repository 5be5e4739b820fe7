#pragma once

#include <map>
#include <string>
#include <vector>

#include "ml/core/dataset_report.h"
#include "ml/core/describe.h"
#include "ml/core/evaluation_text.h"
#include "ml/core/localisation_metrics.h"
#include "ml/core/localise.h"
#include "ml/report/page.h"
#include "ml/report/report.h"
#include "ml/report/training_overlap.h"

namespace grayling {

// A labelled fault and the services that are suspected of it.
struct SuspectedFault {
  std::string run;
  const LabelWindow* window = nullptr;
  size_t rank = 0;     // of the true service, from 1; 0: not ranked, or not known
  Localisation found;  // the first suspects; empty: the run has no rows for it
};

struct SuspectedFaults {
  std::vector<SuspectedFault> faults;
  LocalisationAccuracy all;  // over the faults whose service is known
  std::map<std::string, LocalisationAccuracy> by_kind;
  // Of the faults in `all`, those in runs with values of one service only: no ranking can miss.
  int without_choice = 0;
  std::string absent;  // why there are none; else empty
};

// Everything that the sections show.
struct Findings {
  DatasetReport data;
  Description faults;
  DescribeSettings described_with;
  std::vector<NamedEvaluation> detectors;  // the judged scores first, where there are any
  std::vector<std::string> remarks;
  TrainingOverlap overlap;
  SuspectedFaults suspects;
};

SuspectedFaults SuspectServices(const Dataset& dataset);

// Each adds its section to the page.
void AddSummary(const ReportSubject& subject, const Findings& findings, HtmlPage& page);
void AddDataset(const Dataset& dataset, const DatasetReport& report, int top, HtmlPage& page);
void AddFaults(const Dataset& dataset, const Findings& findings, int top, HtmlPage& page);
void AddModel(const ReportSubject& subject, int top, HtmlPage& page);
void AddJudgement(const ReportSubject& subject, const Findings& findings,
                  const ReportSettings& settings, HtmlPage& page);
void AddTimelines(const ReportSubject& subject, const Findings& findings,
                  const ReportSettings& settings, HtmlPage& page);
void AddLocalisation(const SuspectedFaults& suspects, HtmlPage& page);

// "(no label)" where the label is empty.
std::string KindName(const std::string& label);
// What must be said of a model that is judged by runs that it was fitted on; else empty.
std::string OverlapWarning(const ReportSubject& subject, const TrainingOverlap& overlap);

}  // namespace grayling

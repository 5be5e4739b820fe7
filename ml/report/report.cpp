#include "ml/report/report.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ml/core/baselines_rules.h"
#include "ml/report/sections.h"

namespace grayling {
namespace {

void Judge(const ReportSubject& subject, const ReportSettings& settings, Findings& findings) {
  findings.remarks = subject.remarks;
  if (subject.judged.empty()) return;
  const FullEvaluationSettings full{.base = settings.evaluation, .vus_window = settings.vus_window};
  if (subject.score_source != ScoreSource::kNone) {
    findings.detectors.push_back({subject.score_source == ScoreSource::kModel ? "model" : "scores",
                                  EvaluateFully(subject.judged, full)});
  }
  RuleEvaluations rules = EvaluateSimpleRules(*subject.dataset, subject.judged, full);
  std::move(rules.rules.begin(), rules.rules.end(), std::back_inserter(findings.detectors));
  std::move(rules.remarks.begin(), rules.remarks.end(), std::back_inserter(findings.remarks));
}

Findings Find(const ReportSubject& subject, const ReportSettings& settings) {
  const Dataset& dataset = *subject.dataset;
  Findings findings;
  findings.data = ReportOn(dataset);
  findings.described_with.recovery_s = DefaultEvaluation(dataset.period_s).recovery_s;
  findings.faults = DescribeFaults(dataset, findings.described_with);
  Judge(subject, settings, findings);
  if (subject.model != nullptr) {
    std::vector<const Run*> judged;
    for (const ScoredRun& scored : subject.judged) judged.push_back(scored.run);
    findings.overlap =
        OverlapWithTraining(subject.model->provenance, dataset, subject.dataset_hash, judged);
  }
  findings.suspects = SuspectServices(dataset);
  return findings;
}

}  // namespace

std::string KindName(const std::string& label) { return label.empty() ? "(no label)" : label; }

std::string WriteReport(const ReportSubject& subject, const ReportSettings& settings) {
  const Dataset& dataset = *subject.dataset;
  const Findings findings = Find(subject, settings);
  HtmlPage page(absl::StrCat("Gray failures in ", dataset.name));
  AddSummary(subject, findings, page);
  AddDataset(dataset, findings.data, settings.top, page);
  AddFaults(dataset, findings, settings.top, page);
  AddModel(subject, settings.top, page);
  AddJudgement(subject, findings, settings, page);
  AddTimelines(subject, findings, settings, page);
  AddLocalisation(findings.suspects, page);
  return page.Finish();
}

}  // namespace grayling

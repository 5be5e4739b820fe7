#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/str_cat.h"
#include "ml/report/numbers.h"
#include "ml/report/sections.h"

namespace grayling {
namespace {

constexpr size_t kKindsNamed = 5;

std::string DataSentence(const Dataset& dataset, const DatasetReport& report) {
  size_t rows = 0, windows = 0;
  double length_s = 0;
  std::set<std::string> kinds;
  for (const Run& run : dataset.runs) {
    rows += run.time.size();
    for (const LabelWindow& window : run.windows) kinds.insert(KindName(window.label));
  }
  for (const RunReport& run : report.runs) {
    windows += run.windows - run.windows_outside;
    length_s += run.end - run.start;
  }
  std::string text = absl::StrCat(CountText(dataset.runs.size(), "run"), " of together ",
                                  CountText(rows, "row"), " over ", DurationText(length_s),
                                  ", with ", CountText(dataset.columns.size(), "column"), " and ",
                                  CountText(windows, "labelled fault"));
  if (kinds.empty()) return absl::StrCat(text, ".");
  return absl::StrCat(text, " of ", CountText(kinds.size(), "kind"), ".");
}

std::string EffectSentence(const KindDescription& kind) {
  const ColumnDescription& column = kind.columns.front();
  const Effect& effect = column.effects.front();
  const std::string what = absl::StrCat(KindName(kind.kind), ": most affected is ", column.column,
                                        ", ", SignedText(effect.delta, 2),
                                        SignedIntervalText(effect.interval, 2), " on -1 to 1");
  const bool is_sure =
      std::isfinite(effect.interval.low) && effect.interval.low * effect.interval.high > 0;
  return absl::StrCat(what, is_sure ? "." : "; too little to be sure of.");
}

// A detector that is always in alarm begins hardly a false alarm: the rate alone would flatter it.
std::string FalseAlarmText(const Evaluation& e) {
  return absl::StrCat(FixedText(e.false_alarms_per_hour, 2),
                      IntervalText(e.false_alarms_per_hour_interval, 1),
                      " false alarms per hour, in alarm for ", PercentText(e.false_alarm_share),
                      " of the fault-free time");
}

std::string DetectionSentence(const ReportSubject& subject, const NamedEvaluation& named) {
  const Evaluation& e = named.evaluation;
  return absl::StrCat(
      subject.score_source == ScoreSource::kModel ? "The model" : "The scores' alarms", " found ",
      e.detected, " of ", CountText(static_cast<size_t>(e.events), "event"), " (recall ",
      FixedText(e.event_recall, 2), IntervalText(e.event_recall_interval, 2), ") with ",
      FalseAlarmText(e), "; median delay ", DurationText(e.median_delay_s), ". Measured on ",
      subject.judged_in_words, ".");
}

std::string RuleSentence(const Evaluation& judged, const NamedEvaluation& rule) {
  const Evaluation& e = rule.evaluation;
  return absl::StrCat("For comparison, the simple rule with the largest PR-AUC (", rule.name,
                      "): ", FixedText(e.pr_auc, 3), " against ", FixedText(judged.pr_auc, 3),
                      ", event recall ", FixedText(e.event_recall, 2), ", ", FalseAlarmText(e),
                      ".");
}

void AddDetection(const ReportSubject& subject, const Findings& findings,
                  std::vector<std::string>& sentences) {
  if (subject.score_source == ScoreSource::kNone || findings.detectors.empty()) {
    sentences.push_back("Nothing was judged but the simple rules: no model or scores were given.");
    return;
  }
  const NamedEvaluation& judged = findings.detectors.front();
  sentences.push_back(DetectionSentence(subject, judged));
  const NamedEvaluation* best = nullptr;
  for (size_t i = 1; i < findings.detectors.size(); ++i) {
    const NamedEvaluation& rule = findings.detectors[i];
    if (!std::isfinite(rule.evaluation.pr_auc)) continue;
    if (best == nullptr || rule.evaluation.pr_auc > best->evaluation.pr_auc) best = &rule;
  }
  if (best != nullptr) sentences.push_back(RuleSentence(judged.evaluation, *best));
}

}  // namespace

void AddSummary(const ReportSubject& subject, const Findings& findings, HtmlPage& page) {
  page.Section("In short");
  const std::string warning = OverlapWarning(subject, findings.overlap);
  if (!warning.empty()) page.Warning(warning);
  std::vector<std::string> sentences = {DataSentence(*subject.dataset, findings.data)};
  const std::vector<KindDescription>& kinds = findings.faults.kinds;
  for (size_t i = 0; i < std::min(kKindsNamed, kinds.size()); ++i) {
    if (!kinds[i].columns.empty()) sentences.push_back(EffectSentence(kinds[i]));
  }
  AddDetection(subject, findings, sentences);
  const LocalisationAccuracy& blame = findings.suspects.all;
  const int without_choice = findings.suspects.without_choice;
  if (blame.events() > without_choice) {
    sentences.push_back(
        absl::StrCat("The true service is the first suspect in ", PercentText(blame.At(1)), " of ",
                     CountText(static_cast<size_t>(blame.events()), "fault"),
                     ", among the first three in ", PercentText(blame.At(3)),
                     without_choice > 0 ? ", though not all of them leave a choice." : "."));
  }
  page.Items(sentences);
}

}  // namespace grayling

#include <cmath>

#include "absl/strings/str_cat.h"
#include "ml/report/numbers.h"
#include "ml/report/sections.h"

namespace grayling {
namespace {

HtmlTable EventTable(const std::vector<NamedEvaluation>& detectors) {
  HtmlTable table({"Detector", "Event recall", "Found", "Missed", "Delay, median",
                   "90th percentile", "False alarms per hour", "False alarms", "Time in them"});
  for (const auto& [name, e] : detectors) {
    table.Add({name,
               absl::StrCat(FixedText(e.event_recall, 2), IntervalText(e.event_recall_interval, 2)),
               absl::StrCat(e.detected), absl::StrCat(e.events - e.detected),
               DurationText(e.median_delay_s), DurationText(e.p90_delay_s),
               absl::StrCat(FixedText(e.false_alarms_per_hour, 2),
                            IntervalText(e.false_alarms_per_hour_interval, 1)),
               absl::StrCat(e.false_alarms), PercentText(e.false_alarm_share)});
  }
  return table;
}

HtmlTable RowTable(const std::vector<NamedEvaluation>& detectors) {
  HtmlTable table({"Detector, per row", "Precision", "Recall", "F1", "PR-AUC",
                   absl::StrCat("VUS-PR (", detectors.front().evaluation.vus_window, " rows)"),
                   "Calibration error", "Brier score"});
  for (const auto& [name, e] : detectors) {
    table.Add({name, FixedText(e.precision, 2), FixedText(e.recall, 2), FixedText(e.f1, 2),
               absl::StrCat(FixedText(e.pr_auc, 3), IntervalText(e.pr_auc_interval, 2)),
               FixedText(e.vus_pr, 3), FixedText(e.calibration_error, 3), FixedText(e.brier, 3)});
  }
  return table;
}

std::string NameOf(const KindRecall& kind) {
  return kind.intensity
             ? absl::StrCat(KindName(kind.label), " at ", SignificantText(*kind.intensity, 3))
             : KindName(kind.label);
}

HtmlTable KindTable(const std::vector<NamedEvaluation>& detectors) {
  std::vector<std::string> head = {"Event recall by kind", "Events"};
  for (const NamedEvaluation& named : detectors) head.push_back(named.name);
  HtmlTable table(std::move(head));
  const std::vector<KindRecall>& kinds = detectors.front().evaluation.recall_per_intensity;
  for (size_t i = 0; i < kinds.size(); ++i) {
    std::vector<std::string> row = {NameOf(kinds[i]), absl::StrCat(kinds[i].events)};
    for (const NamedEvaluation& named : detectors) {
      // The same windows in the same order for every detector.
      const KindRecall& own = named.evaluation.recall_per_intensity[i];
      row.push_back(own.events > 0 ? FixedText(static_cast<double>(own.detected) / own.events, 2)
                                   : kUndefined);
    }
    table.Add(std::move(row));
  }
  return table;
}

HtmlTable RunTable(const Evaluation& evaluation) {
  HtmlTable table(
      {"Run", "Events", "Found", "False alarms", "Fault-free time", "PR-AUC", "VUS-PR"});
  for (const RunEvaluation& run : evaluation.runs) {
    table.Add({run.run, absl::StrCat(run.events), absl::StrCat(run.detected),
               absl::StrCat(run.false_alarms), DurationText(3600 * run.fault_free_hours),
               FixedText(run.pr_auc, 3), FixedText(run.vus_pr, 3)});
  }
  return table;
}

std::string MeasuredOn(const ReportSubject& subject, const Evaluation& e,
                       const EvaluationSettings& settings) {
  std::string text = absl::StrCat(
      "Measured on ", subject.judged_in_words, " (", subject.judged.size(), " of ",
      CountText(subject.dataset->runs.size(), "run"),
      "): ", CountText(static_cast<size_t>(e.events), "event"), ", ",
      DurationText(3600 * e.fault_free_hours), " without a fault, ", PercentText(e.prevalence),
      " of the rows faulty. ",
      std::isinf(settings.margin_s)
          ? std::string("All rows count. ")
          : absl::StrCat("Only rows from ", DurationText(settings.margin_s),
                         " before a run's first fault to as long after its last count. "),
      "An alarm up to ", DurationText(settings.detection_grace_s),
      " after a fault's end still finds it; rows up to ", DurationText(settings.recovery_s),
      " after it count as neither. A false alarm is an episode that begins on fault-free time. "
      "Nothing is point-adjusted.");
  if (!e.resampled.empty()) {
    absl::StrAppend(&text, " In brackets: 95 % intervals by bootstrap over ", e.resampled, ".");
  }
  return text;
}

std::string SourceOf(const ReportSubject& subject) {
  switch (subject.score_source) {
    case ScoreSource::kModel:
      return "\"model\" is the model above with its own threshold and alarm rule.";
    case ScoreSource::kFile:
      return "\"scores\" are the scores and alarms of the given file. How they came about it does "
             "not say: those of grayling-ml crossval come from models that never saw the row, "
             "those of grayling-ml score do so only on runs that the model was not fitted on.";
    case ScoreSource::kNone:
      break;
  }
  return "Neither a model (--model) nor scores (--scores) were given: these are the simple rules "
         "that any detector must beat.";
}

}  // namespace

void AddJudgement(const ReportSubject& subject, const Findings& findings,
                  const ReportSettings& settings, HtmlPage& page) {
  page.Section("How well the faults are found");
  if (findings.detectors.empty()) {
    page.Paragraph("No run is judged, so there is nothing to count.");
    return;
  }
  const std::string warning = OverlapWarning(subject, findings.overlap);
  if (!warning.empty()) page.Warning(warning);
  const Evaluation& first = findings.detectors.front().evaluation;
  page.Paragraph(MeasuredOn(subject, first, settings.evaluation));
  page.Paragraph(SourceOf(subject));
  if (first.events == 0) {
    page.Paragraph("No judged row lies in a fault, so only false alarms can be counted.");
  }
  page.Table(EventTable(findings.detectors));
  page.Table(RowTable(findings.detectors));
  if (!first.recall_per_intensity.empty()) page.Table(KindTable(findings.detectors));
  page.Items(findings.remarks);
  if (subject.score_source != ScoreSource::kNone) {
    page.BeginFold(absl::StrCat("Run by run (", first.runs.size(), ")"), first.runs.size() <= 10);
    page.Table(RunTable(first));
    page.EndFold();
  }
}

}  // namespace grayling

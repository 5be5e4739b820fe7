#include "ml/core/evaluation_text.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace grayling {
namespace {

using Json = nlohmann::ordered_json;

std::string Number(double value, int digits) {
  return std::isnan(value) ? "-" : absl::StrFormat("%.*f", digits, value);
}

std::string Seconds(double value) {
  return std::isnan(value) ? "-" : absl::StrFormat("%.4g s", value);
}

std::string Bracket(const Interval& interval, int digits) {
  if (std::isnan(interval.low) || std::isnan(interval.high)) return "";
  return absl::StrFormat(" [%.*f, %.*f]", digits, interval.low, digits, interval.high);
}

// Cells in columns as wide as their widest; the first column to the left, the others to the right.
class Table {
 public:
  void Add(std::vector<std::string> cells) {
    widths_.resize(std::max(widths_.size(), cells.size()), 0);
    for (size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], cells[i].size());
    rows_.push_back(std::move(cells));
  }

  std::string Text() const {
    std::string text;
    for (const auto& row : rows_) {
      absl::StrAppendFormat(&text, "%-*s", static_cast<int>(widths_[0]), row[0]);
      for (size_t i = 1; i < row.size(); ++i) {
        absl::StrAppendFormat(&text, " | %*s", static_cast<int>(widths_[i]), row[i]);
      }
      text += '\n';
    }
    return text;
  }

 private:
  std::vector<size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
};

std::string Judged(const Evaluation& e) {
  std::string text = absl::StrFormat("Judged: %d events, %s h fault-free", e.events,
                                     Number(e.fault_free_hours, e.fault_free_hours < 1 ? 3 : 2));
  if (e.fault_free_hours > 0) {
    absl::StrAppendFormat(&text, " (one false alarm is %.2g an hour)", 1 / e.fault_free_hours);
  }
  absl::StrAppendFormat(&text, ", prevalence %.3f of the rows.\n", e.prevalence);
  if (!e.resampled.empty()) {
    absl::StrAppendFormat(&text, "In brackets: 95 %% bootstrap intervals over %s.\n", e.resampled);
  }
  return text;
}

std::string EventTable(absl::Span<const NamedEvaluation> evaluations) {
  Table table;
  table.Add({"Detector", "Event recall", "Missed", "Delay median", "p90", "False alarms/h",
             "Time in them"});
  for (const auto& [name, e] : evaluations) {
    table.Add(
        {name, absl::StrCat(Number(e.event_recall, 2), Bracket(e.event_recall_interval, 2)),
         absl::StrCat(e.events - e.detected), Seconds(e.median_delay_s), Seconds(e.p90_delay_s),
         absl::StrCat(Number(e.false_alarms_per_hour, 2),
                      Bracket(e.false_alarms_per_hour_interval, 1), " (", e.false_alarms, ")"),
         std::isnan(e.false_alarm_share) ? "-"
                                         : absl::StrFormat("%.1f %%", 100 * e.false_alarm_share)});
  }
  return table.Text();
}

std::string RowTable(absl::Span<const NamedEvaluation> evaluations) {
  Table table;
  table.Add({"Detector, per row", "Precision", "Recall", "F1", "PR-AUC",
             absl::StrCat("VUS-PR (", evaluations[0].evaluation.vus_window, " rows)"), "ECE",
             "Brier"});
  for (const auto& [name, e] : evaluations) {
    table.Add({name, Number(e.precision, 2), Number(e.recall, 2), Number(e.f1, 2),
               absl::StrCat(Number(e.pr_auc, 3), Bracket(e.pr_auc_interval, 2)),
               Number(e.vus_pr, 3), Number(e.calibration_error, 3), Number(e.brier, 3)});
  }
  return table.Text();
}

std::string NameOf(const KindRecall& kind) {
  const std::string label = kind.label.empty() ? "(no label)" : kind.label;
  return kind.intensity ? absl::StrFormat("%s at %.3g", label, *kind.intensity) : label;
}

std::string KindTable(absl::Span<const NamedEvaluation> evaluations) {
  Table table;
  std::vector<std::string> head = {"Event recall by kind", "Events"};
  for (const auto& named : evaluations) head.push_back(named.name);
  table.Add(std::move(head));
  const std::vector<KindRecall>& kinds = evaluations[0].evaluation.recall_per_intensity;
  for (size_t i = 0; i < kinds.size(); ++i) {
    std::vector<std::string> row = {NameOf(kinds[i]), absl::StrCat(kinds[i].events)};
    for (const auto& named : evaluations) {
      const auto& own = named.evaluation.recall_per_intensity;
      const bool is_there = i < own.size() && own[i].label == kinds[i].label &&
                            own[i].intensity == kinds[i].intensity && own[i].events > 0;
      row.push_back(
          is_there ? absl::StrFormat("%.2f", static_cast<double>(own[i].detected) / own[i].events)
                   : "-");
    }
    table.Add(std::move(row));
  }
  return table.Text();
}

Json NumberOrNull(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json ToJson(const Interval& interval) {
  if (std::isnan(interval.low) || std::isnan(interval.high)) return nullptr;
  return Json::array({interval.low, interval.high});
}

Json KindsToJson(const Evaluation& e) {
  Json kinds = Json::array();
  for (const KindRecall& kind : e.recall_per_intensity) {
    kinds.push_back({{"label", kind.label},
                     {"intensity", kind.intensity ? Json(*kind.intensity) : Json(nullptr)},
                     {"events", kind.events},
                     {"detected", kind.detected},
                     {"recall", static_cast<double>(kind.detected) / kind.events}});
  }
  return kinds;
}

Json RunsToJson(const Evaluation& e) {
  Json runs = Json::array();
  for (const RunEvaluation& run : e.runs) {
    runs.push_back({{"run", run.run},
                    {"events", run.events},
                    {"detected", run.detected},
                    {"false_alarms", run.false_alarms},
                    {"fault_free_hours", run.fault_free_hours},
                    {"pr_auc", NumberOrNull(run.pr_auc)},
                    {"vus_pr", NumberOrNull(run.vus_pr)}});
  }
  return runs;
}

}  // namespace

std::string FormatEvaluations(absl::Span<const NamedEvaluation> evaluations) {
  if (evaluations.empty()) return "";
  std::string text = absl::StrCat(Judged(evaluations[0].evaluation), "\n", EventTable(evaluations),
                                  "\n", RowTable(evaluations));
  if (!evaluations[0].evaluation.recall_per_intensity.empty()) {
    absl::StrAppend(&text, "\n", KindTable(evaluations));
  }
  return text;
}

Json ToJson(const Evaluation& e) {
  Json labels = Json::object();
  for (const auto& [label, recall] : e.recall_per_label) labels[label] = recall;
  return {{"events", e.events},
          {"detected", e.detected},
          {"missed", e.events - e.detected},
          {"event_recall", NumberOrNull(e.event_recall)},
          {"event_recall_interval", ToJson(e.event_recall_interval)},
          {"median_delay_s", NumberOrNull(e.median_delay_s)},
          {"p90_delay_s", NumberOrNull(e.p90_delay_s)},
          {"false_alarms", e.false_alarms},
          {"fault_free_hours", e.fault_free_hours},
          {"false_alarms_per_hour", NumberOrNull(e.false_alarms_per_hour)},
          {"false_alarms_per_hour_interval", ToJson(e.false_alarms_per_hour_interval)},
          {"false_alarm_share", NumberOrNull(e.false_alarm_share)},
          {"precision", e.precision},
          {"recall", e.recall},
          {"f1", e.f1},
          {"accuracy", e.accuracy},
          {"prevalence", e.prevalence},
          {"pr_auc", NumberOrNull(e.pr_auc)},
          {"pr_auc_interval", ToJson(e.pr_auc_interval)},
          {"vus_pr", NumberOrNull(e.vus_pr)},
          {"vus_window_rows", e.vus_window},
          {"expected_calibration_error", NumberOrNull(e.calibration_error)},
          {"brier", NumberOrNull(e.brier)},
          {"intervals_resample", e.resampled},
          {"recall_per_label", std::move(labels)},
          {"recall_per_label_and_intensity", KindsToJson(e)},
          {"runs", RunsToJson(e)}};
}

Json ToJson(absl::Span<const NamedEvaluation> evaluations) {
  Json list = Json::array();
  for (const NamedEvaluation& named : evaluations) {
    Json entry = {{"name", named.name}};
    entry.update(ToJson(named.evaluation));
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace grayling

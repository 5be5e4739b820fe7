#include "ml/core/evaluation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ml/core/evaluation_parts.h"
#include "ml/core/statistics.h"

namespace grayling {
namespace {

struct Confusion {
  double true_positives = 0, false_positives = 0, false_negatives = 0, true_negatives = 0;

  void Add(bool positive, bool alarm) {
    (positive ? (alarm ? true_positives : false_negatives)
              : (alarm ? false_positives : true_negatives)) += 1;
  }
  static double Ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }
  double Precision() const { return Ratio(true_positives, true_positives + false_positives); }
  double Recall() const { return Ratio(true_positives, true_positives + false_negatives); }
  double F1() const {
    return Ratio(2 * true_positives, 2 * true_positives + false_positives + false_negatives);
  }
  double Accuracy() const { return Ratio(true_positives + true_negatives, Rows()); }
  double FalseShare() const {
    const double fault_free = false_positives + true_negatives;
    return fault_free > 0 ? false_positives / fault_free : Evaluation::kUndefined;
  }
  double Prevalence() const { return Ratio(true_positives + false_negatives, Rows()); }
  double Rows() const {
    return true_positives + false_positives + false_negatives + true_negatives;
  }
};

bool IsJudged(RowKind kind) { return kind == RowKind::kFault || kind == RowKind::kFaultFree; }

// Gathers events and false alarms run by run.
class EventCount {
 public:
  void AddEvents(const std::vector<EventOutcome>& outcomes) {
    for (const EventOutcome& outcome : outcomes) {
      KindRecall& kind = per_kind_[{outcome.window->label, outcome.window->intensity}];
      kind.label = outcome.window->label;
      kind.intensity = outcome.window->intensity;
      ++kind.events;
      if (!outcome.detected) continue;
      ++kind.detected;
      delays_.push_back(outcome.delay_s);
    }
  }

  void AddRows(const RowTally& tally) {
    for (const double seconds : tally.fault_free_s) fault_free_s_ += seconds;
    false_alarms_ += static_cast<int>(
        std::count(tally.false_alarm_begins.begin(), tally.false_alarm_begins.end(), true));
  }

  void Fill(Evaluation& result) {
    std::map<std::string, std::pair<int, int>> per_label;  // detected, all
    for (const auto& [key, kind] : per_kind_) {
      result.recall_per_intensity.push_back(kind);
      result.events += kind.events;
      result.detected += kind.detected;
      per_label[kind.label].first += kind.detected;
      per_label[kind.label].second += kind.events;
    }
    for (const auto& [label, counts] : per_label) {
      result.recall_per_label[label] = static_cast<double>(counts.first) / counts.second;
    }
    if (result.events > 0) {
      result.event_recall = static_cast<double>(result.detected) / result.events;
    }
    std::sort(delays_.begin(), delays_.end());
    result.median_delay_s = SortedQuantile(delays_, 0.5);
    result.p90_delay_s = SortedQuantile(delays_, 0.9);
    result.false_alarms = false_alarms_;
    result.fault_free_hours = fault_free_s_ / 3600;
    if (fault_free_s_ > 0) result.false_alarms_per_hour = false_alarms_ / result.fault_free_hours;
  }

 private:
  std::map<std::pair<std::string, std::optional<double>>, KindRecall> per_kind_;
  std::vector<double> delays_;
  int false_alarms_ = 0;
  double fault_free_s_ = 0;
};

Evaluation EvaluateRows(absl::Span<const ScoredRun> runs, const EvaluationSettings& settings,
                        std::vector<ScoredRow>* rows) {
  EventCount events;
  Confusion confusion;
  for (const ScoredRun& scored : runs) {
    const RowTally tally = TallyRows(scored, settings);
    events.AddEvents(OutcomesOfEvents(scored, settings.detection_grace_s));
    events.AddRows(tally);
    for (size_t i = 0; i < tally.kinds.size(); ++i) {
      if (!IsJudged(tally.kinds[i])) continue;
      const bool positive = tally.kinds[i] == RowKind::kFault;
      confusion.Add(positive, scored.alarms[i]);
      if (rows != nullptr) rows->push_back({scored.scores[i], positive});
    }
  }
  Evaluation result;
  events.Fill(result);
  result.false_alarm_share = confusion.FalseShare();
  result.precision = confusion.Precision();
  result.recall = confusion.Recall();
  result.f1 = confusion.F1();
  result.accuracy = confusion.Accuracy();
  result.prevalence = confusion.Prevalence();
  return result;
}

}  // namespace

EvaluationSettings DefaultEvaluation(double period_s) {
  return {std::max(2.0, 2 * period_s), std::max(4.0, 2 * period_s)};
}

Evaluation EvaluateAlarms(absl::Span<const ScoredRun> runs, const EvaluationSettings& settings) {
  return EvaluateRows(runs, settings, nullptr);
}

Evaluation Evaluate(absl::Span<const ScoredRun> runs, const EvaluationSettings& settings) {
  std::vector<ScoredRow> rows;
  Evaluation result = EvaluateRows(runs, settings, &rows);
  SortByScore(rows);
  result.pr_auc = AveragePrecision(rows);
  return result;
}

std::vector<ThresholdRow> TabulateThresholds(absl::Span<const ScoredRun> runs,
                                             absl::Span<const double> thresholds,
                                             const EvaluationSettings& settings) {
  std::vector<Confusion> counts(thresholds.size());
  for (const ScoredRun& scored : runs) {
    const std::vector<RowKind> kinds =
        KindsOfRows(*scored.run, RecoveryOf(settings), settings.margin_s);
    for (size_t i = 0; i < kinds.size(); ++i) {
      if (!IsJudged(kinds[i])) continue;
      for (size_t t = 0; t < thresholds.size(); ++t) {
        counts[t].Add(kinds[i] == RowKind::kFault, scored.scores[i] >= thresholds[t]);
      }
    }
  }
  std::vector<ThresholdRow> table;
  for (size_t t = 0; t < thresholds.size(); ++t) {
    table.push_back({thresholds[t], counts[t].Precision(), counts[t].Recall(), counts[t].F1(),
                     counts[t].Accuracy()});
  }
  return table;
}

}  // namespace grayling

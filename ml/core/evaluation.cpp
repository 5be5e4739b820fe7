#include "ml/core/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ml/core/row_kind.h"

namespace grayling {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

struct ScoredRow {
  float score = 0;
  bool positive = false;
};

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
  double Prevalence() const { return Ratio(true_positives + false_negatives, Rows()); }
  double Rows() const {
    return true_positives + false_positives + false_negatives + true_negatives;
  }
};

double RecoveryOf(const EvaluationSettings& settings) {
  return std::max(settings.recovery_s, settings.detection_grace_s);
}

// Quantile by linear interpolation between the order statistics.
double Quantile(std::vector<double> values, double q) {
  if (values.empty()) return kUndefined;
  std::sort(values.begin(), values.end());
  const double place = q * static_cast<double>(values.size() - 1);
  const size_t below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (place - static_cast<double>(below));
}

// Sum over the distinct scores, from the largest, of (recall gained) x (precision there).
double AveragePrecision(std::vector<ScoredRow> rows) {
  std::sort(rows.begin(), rows.end(),
            [](const ScoredRow& a, const ScoredRow& b) { return a.score > b.score; });
  const double positives = static_cast<double>(
      std::count_if(rows.begin(), rows.end(), [](const ScoredRow& row) { return row.positive; }));
  if (positives == 0) return kUndefined;
  double area = 0, found = 0, found_before = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    found += rows[i].positive ? 1 : 0;
    if (i + 1 < rows.size() && rows[i + 1].score == rows[i].score) continue;
    area += (found - found_before) / positives * found / static_cast<double>(i + 1);
    found_before = found;
  }
  return area;
}

// Seconds that each row stands for: to the next row, but no more than the usual distance, so that a
// gap is not counted as watched time.
std::vector<double> RowSeconds(const std::vector<double>& time) {
  std::vector<double> distances;
  for (size_t i = 1; i < time.size(); ++i) distances.push_back(time[i] - time[i - 1]);
  const double usual = distances.empty() ? 0 : Quantile(distances, 0.5);
  for (double& distance : distances) distance = std::min(distance, usual);
  if (!time.empty()) distances.push_back(usual);
  return distances;
}

// Events found and false alarm episodes, gathered run by run.
class EventCount {
 public:
  void AddEvents(const ScoredRun& scored, double grace_s) {
    const std::vector<double>& time = scored.run->time;
    for (const LabelWindow& window : scored.run->windows) {
      const auto begin = std::lower_bound(time.begin(), time.end(), window.start);
      if (begin == time.end() || *begin >= window.end) continue;
      auto& [found, all] = per_label_[window.label];
      ++all;
      for (auto row = begin; row != time.end() && *row < window.end + grace_s; ++row) {
        if (!scored.alarms[row - time.begin()]) continue;
        ++found;
        delays_.push_back(*row - window.start);
        break;
      }
    }
  }

  void AddFalseAlarms(const ScoredRun& scored, const std::vector<RowKind>& kinds) {
    const std::vector<double> seconds = RowSeconds(scored.run->time);
    bool before = false;
    for (size_t i = 0; i < kinds.size(); ++i) {
      const bool alarm = scored.alarms[i];
      if (kinds[i] == RowKind::kFaultFree) {
        fault_free_s_ += seconds[i];
        if (alarm && !before) ++false_alarms_;
      }
      before = alarm;
    }
  }

  void Fill(Evaluation& result) const {
    for (const auto& [label, counts] : per_label_) {
      result.detected += counts.first;
      result.events += counts.second;
      result.recall_per_label[label] = static_cast<double>(counts.first) / counts.second;
    }
    result.event_recall =
        result.events > 0 ? static_cast<double>(result.detected) / result.events : kUndefined;
    result.median_delay_s = Quantile(delays_, 0.5);
    result.p90_delay_s = Quantile(delays_, 0.9);
    result.false_alarms = false_alarms_;
    result.fault_free_hours = fault_free_s_ / 3600;
    result.false_alarms_per_hour =
        fault_free_s_ > 0 ? false_alarms_ / result.fault_free_hours : kUndefined;
  }

 private:
  std::map<std::string, std::pair<int, int>> per_label_;  // detected, all
  std::vector<double> delays_;
  int false_alarms_ = 0;
  double fault_free_s_ = 0;
};

}  // namespace

Evaluation Evaluate(absl::Span<const ScoredRun> runs, const EvaluationSettings& settings) {
  EventCount events;
  Confusion confusion;
  std::vector<ScoredRow> rows;
  for (const ScoredRun& scored : runs) {
    const std::vector<RowKind> kinds = KindsOfRows(*scored.run, RecoveryOf(settings));
    events.AddEvents(scored, settings.detection_grace_s);
    events.AddFalseAlarms(scored, kinds);
    for (size_t i = 0; i < kinds.size(); ++i) {
      if (kinds[i] == RowKind::kRecovery) continue;
      const bool positive = kinds[i] == RowKind::kFault;
      confusion.Add(positive, scored.alarms[i]);
      rows.push_back({scored.scores[i], positive});
    }
  }
  Evaluation result;
  events.Fill(result);
  result.precision = confusion.Precision();
  result.recall = confusion.Recall();
  result.f1 = confusion.F1();
  result.accuracy = confusion.Accuracy();
  result.prevalence = confusion.Prevalence();
  result.pr_auc = AveragePrecision(std::move(rows));
  return result;
}

std::vector<ThresholdRow> TabulateThresholds(absl::Span<const ScoredRun> runs,
                                             absl::Span<const double> thresholds,
                                             const EvaluationSettings& settings) {
  std::vector<Confusion> counts(thresholds.size());
  for (const ScoredRun& scored : runs) {
    const std::vector<RowKind> kinds = KindsOfRows(*scored.run, RecoveryOf(settings));
    for (size_t i = 0; i < kinds.size(); ++i) {
      if (kinds[i] == RowKind::kRecovery) continue;
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

#include <algorithm>
#include <cmath>
#include <set>

#include "ml/core/calibration_error.h"
#include "ml/core/evaluation.h"
#include "ml/core/evaluation_parts.h"
#include "ml/core/statistics.h"
#include "ml/core/vus_pr.h"

namespace grayling {
namespace {

constexpr int kFewestGroups = 5;
constexpr int kLargestVusWindow = 100;
constexpr int kFewestResamples = 200;
constexpr double kRowsToDraw = 2e8;  // about a second

// What one unit of the bootstrap contributes.
struct Unit {
  double events = 0;
  double detected = 0;
  double false_alarms = 0;
  double hours = 0;
};

const std::string& GroupOf(const Run& run) { return run.group.empty() ? run.id : run.group; }

// Which unit a row belongs to: the group of its run, or the stretch of time around one event.
class Units {
 public:
  explicit Units(absl::Span<const ScoredRun> runs) {
    std::set<std::string> groups;
    for (const ScoredRun& scored : runs) groups.insert(GroupOf(*scored.run));
    groups_.assign(groups.begin(), groups.end());
    by_group_ = groups_.size() >= kFewestGroups;
    name_ = !by_group_ ? "events" : groups_.size() == runs.size() ? "runs" : "groups";
  }

  const std::string& name() const { return name_; }
  int count() const { return by_group_ ? static_cast<int>(groups_.size()) : stretches_; }

  // One unit per row of `run`.
  std::vector<int> OfRows(const Run& run) {
    if (by_group_) {
      const auto found = std::lower_bound(groups_.begin(), groups_.end(), GroupOf(run));
      return std::vector<int>(run.time.size(), static_cast<int>(found - groups_.begin()));
    }
    return Stretches(run);
  }

 private:
  // Cut half-way between the end of all earlier windows and the start of the next.
  std::vector<int> Stretches(const Run& run) {
    std::vector<LabelWindow> windows = run.windows;
    std::sort(windows.begin(), windows.end(),
              [](const LabelWindow& a, const LabelWindow& b) { return a.start < b.start; });
    std::vector<int> units;
    units.reserve(run.time.size());
    int unit = stretches_++;
    double end = windows.empty() ? 0 : windows[0].end;
    size_t next = 1;
    for (const double time : run.time) {
      while (next < windows.size() &&
             time >= std::min((end + windows[next].start) / 2, windows[next].start)) {
        end = std::max(end, windows[next].end);
        unit = stretches_++;
        ++next;
      }
      units.push_back(unit);
    }
    return units;
  }

  std::vector<std::string> groups_;  // sorted
  bool by_group_ = false;
  std::string name_;
  int stretches_ = 0;
};

// Labels without recovery, as VUS-PR has its own soft borders; only judged rows.
struct Series {
  std::vector<float> scores;
  std::vector<bool> positive;
};

Series JudgedSeries(const ScoredRun& scored, const std::vector<RowKind>& kinds) {
  Series series;
  for (size_t row = 0; row < kinds.size(); ++row) {
    if (kinds[row] == RowKind::kUnjudged) continue;
    series.scores.push_back(scored.scores[row]);
    series.positive.push_back(kinds[row] == RowKind::kFault);
  }
  return series;
}

int MedianEventRows(absl::Span<const ScoredRun> runs) {
  std::vector<double> lengths;
  for (const ScoredRun& scored : runs) {
    const std::vector<double>& time = scored.run->time;
    for (const LabelWindow& window : scored.run->windows) {
      const auto first = std::lower_bound(time.begin(), time.end(), window.start);
      const auto last = std::lower_bound(first, time.end(), window.end);
      if (last > first) lengths.push_back(static_cast<double>(last - first));
    }
  }
  std::sort(lengths.begin(), lengths.end());
  return lengths.empty() ? 0 : static_cast<int>(SortedQuantile(lengths, 0.5));
}

class FullEvaluation {
 public:
  FullEvaluation(absl::Span<const ScoredRun> runs, const FullEvaluationSettings& settings)
      : runs_(runs), settings_(settings), units_(runs) {}

  Evaluation Run() {
    Evaluation result = EvaluateAlarms(runs_, settings_.base);
    result.vus_window = settings_.vus_window >= 0
                            ? settings_.vus_window
                            : std::min(MedianEventRows(runs_), kLargestVusWindow);
    for (const ScoredRun& scored : runs_) AddRun(scored, result);
    SetMeanVusPr(result);
    SetCalibration(result);
    SortByScore(rows_);
    result.pr_auc = AveragePrecision(rows_);
    SetIntervals(result);
    return result;
  }

 private:
  void AddRun(const ScoredRun& scored, Evaluation& result) {
    const RowTally tally = TallyRows(scored, settings_.base);
    const std::vector<int> units = units_.OfRows(*scored.run);
    totals_.resize(static_cast<size_t>(units_.count()));
    RunEvaluation of_run;
    of_run.run = scored.run->id;
    for (const EventOutcome& outcome : OutcomesOfEvents(scored, settings_.base.detection_grace_s)) {
      Unit& unit = totals_[static_cast<size_t>(units[outcome.first_row])];
      ++unit.events;
      unit.detected += outcome.detected ? 1 : 0;
      ++of_run.events;
      of_run.detected += outcome.detected ? 1 : 0;
    }
    std::vector<ScoredRow> rows;
    for (size_t row = 0; row < units.size(); ++row) {
      Unit& unit = totals_[static_cast<size_t>(units[row])];
      unit.hours += tally.fault_free_s[row] / 3600;
      of_run.fault_free_hours += tally.fault_free_s[row] / 3600;
      if (tally.false_alarm_begins[row]) {
        ++unit.false_alarms;
        ++of_run.false_alarms;
      }
      const RowKind kind = tally.kinds[row];
      if (kind == RowKind::kFault || kind == RowKind::kFaultFree) {
        rows.push_back({scored.scores[row], kind == RowKind::kFault, units[row]});
      }
    }
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    SortByScore(rows);
    of_run.pr_auc = AveragePrecision(rows);
    const Series series = JudgedSeries(scored, tally.kinds);
    of_run.vus_pr = VusPr(series.scores, series.positive, result.vus_window);
    result.runs.push_back(std::move(of_run));
  }

  static void SetMeanVusPr(Evaluation& result) {
    double sum = 0, count = 0;
    for (const RunEvaluation& run : result.runs) {
      if (std::isnan(run.vus_pr)) continue;
      sum += run.vus_pr;
      ++count;
    }
    if (count > 0) result.vus_pr = sum / count;
  }

  void SetCalibration(Evaluation& result) const {
    std::vector<float> scores;
    std::vector<bool> positive;
    scores.reserve(rows_.size());
    positive.reserve(rows_.size());
    for (const ScoredRow& row : rows_) {
      scores.push_back(row.score);
      positive.push_back(row.positive);
    }
    const CalibrationError error = MeasureCalibration(scores, positive);
    result.calibration_error = error.expected;
    result.brier = error.brier;
  }

  void SetIntervals(Evaluation& result) const {
    result.resampled = units_.name();
    const int resamples = static_cast<int>(
        std::clamp(kRowsToDraw / static_cast<double>(rows_.size() + 1),
                   static_cast<double>(std::min(kFewestResamples, settings_.resamples)),
                   static_cast<double>(settings_.resamples)));
    const Eigen::MatrixXf counts =
        ResampleCounts(static_cast<int>(totals_.size()), resamples, settings_.seed);
    std::vector<double> recall, rate, area;
    std::vector<float> weights(totals_.size());
    for (Eigen::Index draw = 0; draw < counts.rows(); ++draw) {
      Unit sum;
      for (size_t u = 0; u < totals_.size(); ++u) {
        weights[u] = counts(draw, static_cast<Eigen::Index>(u));
        const double times = static_cast<double>(weights[u]);
        sum.events += times * totals_[u].events;
        sum.detected += times * totals_[u].detected;
        sum.false_alarms += times * totals_[u].false_alarms;
        sum.hours += times * totals_[u].hours;
      }
      recall.push_back(sum.events > 0 ? sum.detected / sum.events : Evaluation::kUndefined);
      rate.push_back(sum.hours > 0 ? sum.false_alarms / sum.hours : Evaluation::kUndefined);
      area.push_back(AveragePrecision(rows_, weights));
    }
    result.event_recall_interval = PercentileInterval(std::move(recall));
    result.false_alarms_per_hour_interval = PercentileInterval(std::move(rate));
    result.pr_auc_interval = PercentileInterval(std::move(area));
    WidenWhereNothingVaries(result);
  }

  // All events found, none found, or no false alarm: no resample differs, yet all is not known.
  static void WidenWhereNothingVaries(Evaluation& result) {
    const double slack = std::min(1.0, RuleOfThree(result.events));
    if (result.events > 0 && result.detected == result.events) {
      result.event_recall_interval.low = 1 - slack;
    }
    if (result.events > 0 && result.detected == 0) result.event_recall_interval.high = slack;
    if (result.fault_free_hours > 0 && result.false_alarms == 0) {
      result.false_alarms_per_hour_interval.high = RuleOfThree(result.fault_free_hours);
    }
  }

  const absl::Span<const ScoredRun> runs_;
  const FullEvaluationSettings& settings_;
  Units units_;
  std::vector<Unit> totals_;
  std::vector<ScoredRow> rows_;
};

}  // namespace

Evaluation EvaluateFully(absl::Span<const ScoredRun> runs, const FullEvaluationSettings& settings) {
  return FullEvaluation(runs, settings).Run();
}

}  // namespace grayling

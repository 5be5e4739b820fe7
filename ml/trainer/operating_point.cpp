#include "ml/trainer/operating_point.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "ml/core/alarm_votes.h"
#include "ml/core/row_kind.h"

namespace grayling {
namespace {

constexpr int kTableRows = 19;  // 0.05 to 0.95
constexpr int kThresholds = 80;
constexpr int kNeighbours = 5;  // on either side
// Precisions and recalls that differ by less are alike: a handful of rows decides between them.
constexpr double kTolerance = 0.02;

struct VoteRule {
  int votes;
  int rows;
};
constexpr VoteRule kVoteRules[] = {{1, 1}, {2, 2}, {2, 3},  {3, 3},   {3, 4},  {3, 5},
                                   {4, 5}, {5, 8}, {8, 10}, {12, 15}, {20, 25}};

// Votes that an alarm needs when the data cannot prove the budget of false alarms.
constexpr int kVotesWithoutProof = 3;
// Rules of more votes than this are for long events, of which they may use up a quarter.
constexpr int kVotesOfShortEvents = 4;

// 1 without events.
int MedianEventRows(const std::vector<ScoredRun>& runs) {
  std::vector<int> lengths;
  for (const ScoredRun& scored : runs) {
    const std::vector<double>& time = scored.run->time;
    for (const LabelWindow& window : scored.run->windows) {
      const auto first = std::lower_bound(time.begin(), time.end(), window.start);
      const auto last = std::lower_bound(first, time.end(), window.end);
      if (last > first) lengths.push_back(static_cast<int>(last - first));
    }
  }
  if (lengths.empty()) return 1;
  const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
  std::nth_element(lengths.begin(), middle, lengths.end());
  return *middle;
}

// The rules that an event of `event_rows` rows leaves time for.
std::vector<VoteRule> RulesFor(int event_rows, bool budget_is_proved) {
  const int most = std::max(1, (event_rows + 1) / 2);
  const int least = budget_is_proved ? 1 : std::min(kVotesWithoutProof, most);
  std::vector<VoteRule> rules;
  for (const VoteRule& rule : kVoteRules) {
    const int allowed = rule.votes > kVotesOfShortEvents ? event_rows / 4 : most;
    if (rule.votes >= least && rule.votes <= allowed) rules.push_back(rule);
  }
  return rules;
}

// Fault-free hours that were seen; a run scored by several networks counts once.
double DistinctFaultFreeHours(const std::vector<ScoredRun>& runs,
                              const EvaluationSettings& settings) {
  std::set<const Run*> seen;
  std::vector<ScoredRun> distinct;
  for (const ScoredRun& run : runs) {
    if (seen.insert(run.run).second) distinct.push_back(run);
  }
  return EvaluateAlarms(distinct, settings).fault_free_hours;
}

// Rule of three (Hanley and Lippman-Hand, JAMA 1983): no event in h hours bounds the rate by 3 / h
// with 95 % confidence.
bool CanProveBudget(double hours, const OperatingTargets& targets) {
  return targets.false_alarms_per_hour * hours >= 3;
}

double LogOdds(double score) {
  constexpr double kEdge = 1e-9;
  const double p = std::clamp(score, kEdge, 1 - kEdge);
  return std::log(p / (1 - p));
}

// Even in log-odds, from the median of the fault-free scores up to the largest score of all: below,
// every second row would be over.
std::vector<double> ThresholdGrid(const std::vector<ScoredRun>& runs,
                                  const EvaluationSettings& settings) {
  std::vector<float> healthy;
  double largest = 0;
  for (const ScoredRun& run : runs) {
    const std::vector<RowKind> kinds =
        KindsOfRows(*run.run, settings.recovery_s, settings.margin_s);
    for (size_t r = 0; r < kinds.size(); ++r) {
      if (kinds[r] == RowKind::kFaultFree) healthy.push_back(run.scores[r]);
      if (kinds[r] != RowKind::kUnjudged) {
        largest = std::max(largest, static_cast<double>(run.scores[r]));
      }
    }
  }
  double lowest = 0.001;
  if (!healthy.empty()) {
    const auto middle = healthy.begin() + static_cast<std::ptrdiff_t>(healthy.size() / 2);
    std::nth_element(healthy.begin(), middle, healthy.end());
    lowest = *middle;
  }
  const double from = LogOdds(lowest);
  const double step = (std::max(from, LogOdds(largest)) - from) / kThresholds;
  std::vector<double> thresholds;
  for (int i = 1; i <= kThresholds; ++i) {
    thresholds.push_back(1 / (1 + std::exp(-(from + step * i))));
  }
  return thresholds;
}

// Share of the fault-free rows that are in alarm, from the ratios of the evaluation.
double FalseRowShare(const Evaluation& e) {
  if (e.prevalence >= 1) return 0;
  if (e.precision <= 0) return 1 - (e.accuracy - e.prevalence * e.recall) / (1 - e.prevalence);
  return e.prevalence * e.recall * (1 / e.precision - 1) / (1 - e.prevalence);
}

bool KeepsBudget(const Evaluation& evaluation, const OperatingTargets& targets) {
  return !(evaluation.false_alarms_per_hour > targets.false_alarms_per_hour) &&
         FalseRowShare(evaluation) <= targets.false_row_share;
}

bool Meets(const Evaluation& evaluation, const OperatingTargets& targets) {
  return evaluation.event_recall >= targets.event_recall && KeepsBudget(evaluation, targets);
}

// F2: a missed event weighs four times a false alarm.
double EventF2(const Evaluation& evaluation) {
  const double missed = evaluation.events - evaluation.detected;
  const double total = 5.0 * evaluation.detected + 4.0 * missed + evaluation.false_alarms;
  return total > 0 ? 5.0 * evaluation.detected / total : 0;
}

struct LabelledLogit {
  double logit;
  bool positive;
};

std::vector<LabelledLogit> Labelled(absl::Span<const OutOfFoldRun> runs,
                                    const EvaluationSettings& settings) {
  std::vector<LabelledLogit> rows;
  for (const OutOfFoldRun& scored : runs) {
    const std::vector<RowKind> kinds =
        KindsOfRows(*scored.run, settings.recovery_s, settings.margin_s);
    for (size_t r = 0; r < scored.logits.size(); ++r) {
      const bool positive = kinds[r] == RowKind::kFault;
      if (!positive && kinds[r] != RowKind::kFaultFree) continue;
      if (!std::isfinite(scored.logits[r])) continue;
      rows.push_back({static_cast<double>(scored.logits[r]), positive});
    }
  }
  return rows;
}

}  // namespace

Calibration Calibrate(absl::Span<const OutOfFoldRun> runs, const EvaluationSettings& settings) {
  const std::vector<LabelledLogit> rows = Labelled(runs, settings);
  const auto positives = std::count_if(rows.begin(), rows.end(),
                                       [](const LabelledLogit& row) { return row.positive; });
  if (positives == 0 || positives == static_cast<std::ptrdiff_t>(rows.size())) return {};
  // Newton's method on the convex log-loss of sigmoid(slope * logit + offset); the ridge keeps it
  // finite where the classes part without overlap.
  constexpr double kRidge = 1e-2;
  double slope = 0, offset = 0;
  for (int step = 0; step < 50; ++step) {
    double g0 = kRidge * slope, g1 = 0, h00 = kRidge, h01 = 0, h11 = kRidge;
    for (const LabelledLogit& row : rows) {
      const double p = 1 / (1 + std::exp(-(slope * row.logit + offset)));
      const double error = p - (row.positive ? 1 : 0);
      const double curvature = p * (1 - p);
      g0 += error * row.logit;
      g1 += error;
      h00 += curvature * row.logit * row.logit;
      h01 += curvature * row.logit;
      h11 += curvature;
    }
    const double determinant = h00 * h11 - h01 * h01;
    const double by_slope = (h11 * g0 - h01 * g1) / determinant;
    const double by_offset = (h00 * g1 - h01 * g0) / determinant;
    slope -= std::clamp(by_slope, -1.0, 1.0);
    offset -= std::clamp(by_offset, -2.0, 2.0);
    if (std::abs(by_slope) + std::abs(by_offset) < 1e-9) break;
  }
  slope = std::clamp(slope, 0.125, 8.0);
  return {static_cast<float>(1 / slope), static_cast<float>(offset / slope)};
}

std::vector<ScoredRun> ToScores(absl::Span<const OutOfFoldRun> runs,
                                const Calibration& calibration) {
  std::vector<ScoredRun> scored;
  for (const OutOfFoldRun& run : runs) {
    ScoredRun scores{run.run, {}, std::vector<bool>(run.logits.size(), false)};
    for (const float logit : run.logits) {
      const float z = (logit + calibration.bias) / calibration.temperature;
      scores.scores.push_back(1 / (1 + std::exp(-z)));
    }
    scored.push_back(std::move(scores));
  }
  return scored;
}

void SetAlarms(std::vector<ScoredRun>& runs, double threshold, int votes, int rows) {
  for (ScoredRun& run : runs) {
    AlarmVotes filter(votes, rows);
    run.alarms.resize(run.scores.size());
    for (size_t r = 0; r < run.scores.size(); ++r) {
      run.alarms[r] = filter.Add(static_cast<double>(run.scores[r]) >= threshold);
    }
  }
}

std::vector<ThresholdRow> ThresholdTable(absl::Span<const ScoredRun> runs,
                                         const EvaluationSettings& settings) {
  std::vector<double> thresholds;
  for (int i = 1; i <= kTableRows; ++i) thresholds.push_back(i / (kTableRows + 1.0));
  return TabulateThresholds(runs, thresholds, settings);
}

namespace {

struct Option {
  OperatingPoint point;
  bool keeps_budget = false;
};
// Options of one rule, by rising threshold.
using OptionLine = std::vector<Option>;

template <typename Predicate>
bool AnyOption(const std::vector<OptionLine>& lines, Predicate predicate) {
  return std::any_of(lines.begin(), lines.end(), [&](const OptionLine& line) {
    return std::any_of(line.begin(), line.end(), predicate);
  });
}

// The most sensitive (largest recall of rows) of the eligible options whose goodness, neighbours
// counted in, is within kTolerance of the best. One at least is eligible.
template <typename Eligible, typename Goodness>
const Option& Best(const std::vector<OptionLine>& lines, Eligible eligible, Goodness goodness) {
  std::vector<std::pair<double, const Option*>> rated;
  for (const OptionLine& line : lines) {
    for (int i = 0; i < kThresholds; ++i) {
      if (!eligible(line[static_cast<size_t>(i)])) continue;
      double sum = 0, weights = 0;
      for (int step = -kNeighbours; step <= kNeighbours; ++step) {
        const int weight = kNeighbours + 1 - std::abs(step);
        weights += weight;
        const int at = i + step;
        if (at < 0 || at >= kThresholds || !eligible(line[static_cast<size_t>(at)])) continue;
        sum += weight * goodness(line[static_cast<size_t>(at)]);
      }
      rated.emplace_back(sum / weights, &line[static_cast<size_t>(i)]);
    }
  }
  const double best = std::max_element(rated.begin(), rated.end())->first;
  // Equals follow each other; the middle one has room on both sides.
  std::vector<const Option*> chosen;
  for (const auto& [rating, option] : rated) {
    if (rating < best - kTolerance) continue;
    const double gain =
        chosen.empty() ? 1
                       : option->point.evaluation.recall - chosen.back()->point.evaluation.recall;
    if (gain > 1e-9) chosen.clear();
    const bool is_equal =
        chosen.empty() ||
        (std::abs(gain) <= 1e-9 && option->point.alarm_rows == chosen[0]->point.alarm_rows &&
         option->point.alarm_votes == chosen[0]->point.alarm_votes);
    if (is_equal) chosen.push_back(option);
  }
  return *chosen[chosen.size() / 2];
}

const Option& Choose(const std::vector<OptionLine>& lines) {
  const auto meets = [](const Option& option) { return option.point.meets_targets; };
  if (AnyOption(lines, meets)) {
    return Best(lines, meets, [](const Option& o) { return o.point.evaluation.precision; });
  }
  const auto finds_within_budget = [](const Option& option) {
    return option.keeps_budget && option.point.evaluation.detected > 0;
  };
  if (AnyOption(lines, finds_within_budget)) {
    return Best(lines, finds_within_budget,
                [](const Option& o) { return o.point.evaluation.event_recall; });
  }
  return Best(
      lines, [](const Option&) { return true; },
      [](const Option& o) {
        return EventF2(o.point.evaluation) - FalseRowShare(o.point.evaluation);
      });
}

}  // namespace

OperatingTargets DefaultTargets(double period_s) {
  OperatingTargets targets;
  if (period_s > 10) targets.false_alarms_per_hour = 2 * std::min(1.0, 60 / period_s);
  return targets;
}

OperatingPoint ChooseOperatingPoint(std::vector<ScoredRun> runs, const EvaluationSettings& settings,
                                    const OperatingTargets& targets) {
  const bool is_proved = CanProveBudget(DistinctFaultFreeHours(runs, settings), targets);
  const std::vector<double> thresholds = ThresholdGrid(runs, settings);
  std::vector<OptionLine> lines;
  for (const VoteRule& rule : RulesFor(MedianEventRows(runs), is_proved)) {
    OptionLine& line = lines.emplace_back();
    for (const double threshold : thresholds) {
      SetAlarms(runs, threshold, rule.votes, rule.rows);
      OperatingPoint point{threshold, rule.votes, rule.rows, EvaluateAlarms(runs, settings), false};
      point.meets_targets = Meets(point.evaluation, targets);
      const bool keeps_budget = KeepsBudget(point.evaluation, targets);
      line.push_back({std::move(point), keeps_budget});
    }
  }
  OperatingPoint best = Choose(lines).point;
  SetAlarms(runs, best.threshold, best.alarm_votes, best.alarm_rows);
  best.evaluation = Evaluate(runs, settings);
  return best;
}

}  // namespace grayling

#include "ml/trainer/operating_point.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "ml/core/alarm_votes.h"
#include "ml/trainer/stream_labels.h"

namespace grayling {
namespace {

constexpr int kTableRows = 19;   // 0.05 to 0.95
constexpr int kThresholds = 49;  // 0.02 to 0.98
constexpr int kNeighbours = 3;   // on either side

struct VoteRule {
  int votes;
  int rows;
};
constexpr VoteRule kVoteRules[] = {{1, 1}, {2, 2}, {2, 3}, {3, 3}, {3, 4}, {3, 5}, {4, 5}};

// Votes that an alarm needs when the data cannot prove the budget of false alarms.
constexpr int kVotesWithoutProof = 3;

// Fault-free hours that were seen; a run scored by several networks counts once.
double DistinctFaultFreeHours(const std::vector<ScoredRun>& runs,
                              const EvaluationSettings& settings) {
  std::set<const Run*> seen;
  std::vector<ScoredRun> distinct;
  for (const ScoredRun& run : runs) {
    if (seen.insert(run.run).second) distinct.push_back(run);
  }
  return Evaluate(distinct, settings).fault_free_hours;
}

// Rule of three (Hanley and Lippman-Hand, JAMA 1983): no event in h hours bounds the rate by 3 / h
// with 95 % confidence.
bool CanProveBudget(double hours, const OperatingTargets& targets) {
  return targets.false_alarms_per_hour * hours >= 3;
}

// A quotient rather than a sum of steps: 0.3 and not 0.30000000000000004.
double ThresholdAt(int i) { return (i + 1) / (kThresholds + 1.0); }

// Share of the fault-free rows that are in alarm, from the ratios of the evaluation.
double FalseRowShare(const Evaluation& e) {
  if (e.prevalence >= 1) return 0;
  if (e.precision <= 0) return 1 - (e.accuracy - e.prevalence * e.recall) / (1 - e.prevalence);
  return e.prevalence * e.recall * (1 / e.precision - 1) / (1 - e.prevalence);
}

bool Meets(const Evaluation& evaluation, const OperatingTargets& targets) {
  return evaluation.event_recall >= targets.event_recall &&
         evaluation.false_alarms_per_hour <= targets.false_alarms_per_hour &&
         FalseRowShare(evaluation) <= targets.false_row_share;
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

std::vector<LabelledLogit> Labelled(absl::Span<const OutOfFoldRun> runs, double recovery_s) {
  LabelSettings settings;
  settings.recovery_s = recovery_s;
  std::vector<LabelledLogit> rows;
  for (const OutOfFoldRun& scored : runs) {
    const StreamLabels labels = LabelStream(*scored.run, "", settings);
    for (size_t r = 0; r < scored.logits.size(); ++r) {
      if (labels.weights[r] <= 0 || !std::isfinite(scored.logits[r])) continue;
      rows.push_back({static_cast<double>(scored.logits[r]), labels.targets[r] > 0.5F});
    }
  }
  return rows;
}

}  // namespace

Calibration Calibrate(absl::Span<const OutOfFoldRun> runs, double recovery_s) {
  const std::vector<LabelledLogit> rows = Labelled(runs, recovery_s);
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

OperatingPoint ChooseOperatingPoint(std::vector<ScoredRun> runs, const EvaluationSettings& settings,
                                    const OperatingTargets& targets) {
  struct Option {
    OperatingPoint point;
    double goodness;
  };
  std::vector<std::vector<Option>> options;
  bool any_meets = false;
  const bool is_proved = CanProveBudget(DistinctFaultFreeHours(runs, settings), targets);
  for (const VoteRule& rule : kVoteRules) {
    if (!is_proved && rule.votes < kVotesWithoutProof) continue;
    std::vector<Option>& line = options.emplace_back();
    for (int i = 0; i < kThresholds; ++i) {
      SetAlarms(runs, ThresholdAt(i), rule.votes, rule.rows);
      OperatingPoint point{ThresholdAt(i), rule.votes, rule.rows, Evaluate(runs, settings), false};
      point.meets_targets = Meets(point.evaluation, targets);
      any_meets = any_meets || point.meets_targets;
      line.push_back({std::move(point), 0});
    }
  }
  for (auto& line : options) {
    for (Option& option : line) {
      const Evaluation& evaluation = option.point.evaluation;
      if (!any_meets) {
        option.goodness = EventF2(evaluation) - FalseRowShare(evaluation);
      } else if (option.point.meets_targets) {
        option.goodness = evaluation.precision;
      }
    }
  }
  const Option* best = nullptr;
  double best_goodness = -std::numeric_limits<double>::infinity();
  for (const auto& line : options) {
    for (size_t i = 0; i < line.size(); ++i) {
      if (any_meets && !line[i].point.meets_targets) continue;
      double goodness = 0;
      for (int step = -kNeighbours; step <= kNeighbours; ++step) {
        const auto at = static_cast<int>(i) + step;
        if (at < 0 || at >= kThresholds) continue;
        goodness += (kNeighbours + 1 - std::abs(step)) * line[static_cast<size_t>(at)].goodness;
      }
      if (goodness > best_goodness + 1e-9) {
        best = &line[i];
        best_goodness = goodness;
      }
    }
  }
  return best->point;
}

}  // namespace grayling

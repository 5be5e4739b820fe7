#include "ml/trainer/operating_point.h"

#include <algorithm>
#include <cmath>

#include "ml/core/alarm_votes.h"
#include "ml/trainer/stream_labels.h"

namespace grayling {
namespace {

constexpr int kThresholds = 19;

struct VoteRule {
  int votes;
  int rows;
};
constexpr VoteRule kVoteRules[] = {{1, 1}, {2, 2}, {2, 3}, {3, 3}, {3, 4}, {3, 5}, {4, 5}};

// i / 20 rather than i * 0.05: 0.3 and not 0.30000000000000004.
double ThresholdAt(int i) { return (i + 1) / 20.0; }

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

double NegativeLogLikelihood(const std::vector<std::pair<float, bool>>& rows, double temperature) {
  double sum = 0;
  for (const auto& [logit, positive] : rows) {
    const double z = (positive ? -1 : 1) * static_cast<double>(logit) / temperature;
    sum += std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z)));
  }
  return sum;
}

}  // namespace

float FitTemperature(absl::Span<const OutOfFoldRun> runs, double recovery_s) {
  std::vector<std::pair<float, bool>> rows;
  size_t positives = 0;
  for (const OutOfFoldRun& scored : runs) {
    LabelSettings settings;
    settings.recovery_s = recovery_s;
    const StreamLabels labels = LabelStream(*scored.run, "", settings);
    for (size_t r = 0; r < scored.logits.size(); ++r) {
      if (labels.weights[r] <= 0 || !std::isfinite(scored.logits[r])) continue;
      const bool positive = labels.targets[r] > 0.5F;
      positives += positive ? 1 : 0;
      rows.emplace_back(scored.logits[r], positive);
    }
  }
  if (positives == 0 || positives == rows.size()) return 1;
  // Unimodal in log T: golden section.
  constexpr double kGolden = 0.6180339887498949;
  double low = std::log(0.25), high = std::log(8.0);
  while (high - low > 1e-3) {
    const double a = high - kGolden * (high - low);
    const double b = low + kGolden * (high - low);
    const bool left =
        NegativeLogLikelihood(rows, std::exp(a)) < NegativeLogLikelihood(rows, std::exp(b));
    (left ? high : low) = left ? b : a;
  }
  return static_cast<float>(std::exp((low + high) / 2));
}

std::vector<ScoredRun> ToScores(absl::Span<const OutOfFoldRun> runs, float temperature) {
  std::vector<ScoredRun> scored;
  for (const OutOfFoldRun& run : runs) {
    ScoredRun scores{run.run, {}, std::vector<bool>(run.logits.size(), false)};
    for (const float logit : run.logits) {
      scores.scores.push_back(1 / (1 + std::exp(-logit / temperature)));
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
  for (int i = 0; i < kThresholds; ++i) thresholds.push_back(ThresholdAt(i));
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
  for (const VoteRule& rule : kVoteRules) {
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
      } else if (option.point.meets_targets && std::isfinite(evaluation.precision)) {
        option.goodness = evaluation.precision;
      }
    }
  }
  const Option* best = nullptr;
  double best_goodness = -2;
  for (const auto& line : options) {
    for (size_t i = 0; i < line.size(); ++i) {
      if (any_meets && !line[i].point.meets_targets) continue;
      const double before = line[i > 0 ? i - 1 : i].goodness;
      const double after = line[i + 1 < line.size() ? i + 1 : i].goodness;
      const double goodness = (before + 2 * line[i].goodness + after) / 4;
      if (goodness > best_goodness + 1e-9) {
        best = &line[i];
        best_goodness = goodness;
      }
    }
  }
  return best->point;
}

}  // namespace grayling

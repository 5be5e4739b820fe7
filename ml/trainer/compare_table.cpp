#include "ml/trainer/compare_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "absl/strings/str_format.h"
#include "ml/core/row_kind.h"

namespace grayling {
namespace {

constexpr int kThresholds = 200;
constexpr double kMostFalseRows = 0.1;

double FalseRowShare(absl::Span<const ScoredRun> runs, const EvaluationSettings& settings) {
  int64_t fault_free = 0;
  int64_t alarms = 0;
  const double recovery = std::max(settings.recovery_s, settings.detection_grace_s);
  for (const ScoredRun& scored : runs) {
    const std::vector<RowKind> kinds = KindsOfRows(*scored.run, recovery, settings.margin_s);
    for (size_t r = 0; r < kinds.size(); ++r) {
      if (kinds[r] != RowKind::kFaultFree) continue;
      ++fault_free;
      alarms += scored.alarms[r] ? 1 : 0;
    }
  }
  return fault_free == 0 ? 0 : static_cast<double>(alarms) / static_cast<double>(fault_free);
}

// At even distances in rank, falling, without repetition.
std::vector<float> Quantiles(absl::Span<const ScoredRun> runs) {
  std::vector<float> scores;
  for (const ScoredRun& run : runs) {
    scores.insert(scores.end(), run.scores.begin(), run.scores.end());
  }
  std::sort(scores.begin(), scores.end(), std::greater<>());
  // Half of them in the top tenth of the rows: alarms are rare.
  std::vector<float> picked;
  for (int i = 0; i < kThresholds && !scores.empty(); ++i) {
    const double half = kThresholds / 2.0;
    const double share = i < half ? 0.1 * i / half : 0.1 + 0.9 * (i - half) / half;
    picked.push_back(scores[static_cast<size_t>(share * static_cast<double>(scores.size()))]);
  }
  picked.erase(std::unique(picked.begin(), picked.end()), picked.end());
  return picked;
}

}  // namespace

Spread SpreadOf(absl::Span<const double> values) {
  Spread spread;
  for (const double value : values) spread.mean += value / static_cast<double>(values.size());
  if (values.size() < 2) return spread;
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  spread.deviation = std::sqrt(squares / static_cast<double>(values.size() - 1));
  return spread;
}

BudgetPoint JudgeAlarms(absl::Span<const ScoredRun> runs, const EvaluationSettings& settings) {
  const Evaluation e = EvaluateAlarms(runs, settings);
  return {0, e.event_recall, e.false_alarms_per_hour, FalseRowShare(runs, settings),
          e.median_delay_s};
}

BudgetPoint RecallAtBudget(std::vector<ScoredRun> runs, const EvaluationSettings& settings,
                           double budget) {
  BudgetPoint best;
  best.threshold = std::numeric_limits<double>::infinity();
  best.median_delay_s = std::numeric_limits<double>::quiet_NaN();
  const auto merit = [](const BudgetPoint& point) {
    const double delay = std::isnan(point.median_delay_s) ? 1e300 : point.median_delay_s;
    return std::make_tuple(point.event_recall, -point.false_alarms_per_hour, -delay);
  };
  for (const float threshold : Quantiles(runs)) {
    for (ScoredRun& run : runs) {
      run.alarms.resize(run.scores.size());
      for (size_t r = 0; r < run.scores.size(); ++r) run.alarms[r] = run.scores[r] >= threshold;
    }
    BudgetPoint point = JudgeAlarms(runs, settings);
    point.threshold = threshold;
    if (point.false_row_share > kMostFalseRows) break;  // lower ones mark more still
    if (point.false_alarms_per_hour <= budget && merit(point) > merit(best)) best = point;
  }
  return best;
}

namespace {

// "-" for what is undefined.
std::string Number(double value, int digits) {
  return std::isnan(value) ? "-" : absl::StrFormat("%.*f", digits, value);
}

// "-" for a cost that there is not.
std::string Cost(double value, int digits) { return value == 0 ? "-" : Number(value, digits); }

}  // namespace

std::string FormatComparison(absl::Span<const CompareRow> rows) {
  std::string text =
      "Detector            | Parameters | s/epoch | us/row | PR-AUC        | Event recall | False "
      "alarms/h | False rows | Delay s\n";
  for (const CompareRow& row : rows) {
    const Spread area = SpreadOf(row.pr_auc);
    absl::StrAppendFormat(
        &text, "%-19s | %10s | %7s | %6s | %5s +- %5s | %12s | %14s | %9.1f%% | %s\n", row.name,
        Cost(static_cast<double>(row.parameters), 0), Cost(row.epoch_s, 3), Cost(row.row_us, 2),
        Number(area.mean, 3), Number(area.deviation, 3), Number(row.event_recall, 2),
        Number(row.false_alarms_per_hour, 2), 100 * row.false_row_share,
        Number(row.median_delay_s, 1));
  }
  return text;
}

std::string FormatAblation(absl::Span<const AblationRow> rows) {
  std::string text =
      "Loss    | Weight cap | PR-AUC        | At 0.50: Prec | Rec  | F1   | Best F1 at | Prec | "
      "Rec "
      " | F1   | Event recall | False alarms/h\n";
  for (const AblationRow& row : rows) {
    absl::StrAppendFormat(
        &text,
        "%-7s | %10.0f | %.3f +- %.3f | %13.2f | %.2f | %.2f | %10.2f | %.2f | %.2f | %.2f | "
        "%12.2f | %.2f\n",
        row.loss, row.positive_weight_cap, row.pr_auc.mean, row.pr_auc.deviation,
        row.at_half.precision, row.at_half.recall, row.at_half.f1, row.best.threshold,
        row.best.precision, row.best.recall, row.best.f1, row.at_budget.event_recall,
        row.at_budget.false_alarms_per_hour);
  }
  return text;
}

}  // namespace grayling

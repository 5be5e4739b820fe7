#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "ml/core/evaluation.h"

namespace grayling {

// How one detector did on rows that it did not see.
struct CompareRow {
  std::string name;
  int64_t parameters = 0;
  double epoch_s = 0;          // CPU time of one training epoch, mean; 0: none
  double row_us = 0;           // CPU time to score one row of one stream
  std::vector<double> pr_auc;  // per seed
  // Means over seeds, with the threshold that finds most events inside the budget:
  double event_recall = 0;
  double false_alarms_per_hour = 0;
  double false_row_share = 0;  // of fault-free rows
  double median_delay_s = 0;   // NaN without a detected event
};

// Mean and standard deviation (n - 1; 0 for one value).
struct Spread {
  double mean = 0;
  double deviation = 0;
};
Spread SpreadOf(absl::Span<const double> values);

// The best that one threshold without votes can do.
struct BudgetPoint {
  double threshold = 0;
  double event_recall = 0;  // 0 where no threshold keeps the budget
  double false_alarms_per_hour = 0;
  double false_row_share = 0;
  double median_delay_s = 0;
};

// The largest event recall over thresholds at 200 quantiles of the scores with at most `budget`
// false alarms per hour and at most a tenth of the fault-free rows in alarm (an alarm that never
// ends is one false alarm only). Ties: fewer false alarms, then the shorter delay. The scores may
// be any numbers; the alarms are overwritten.
BudgetPoint RecallAtBudget(std::vector<ScoredRun> runs, const EvaluationSettings& settings,
                           double budget);

// The same numbers for the alarms as they are, whatever the budget.
BudgetPoint JudgeAlarms(absl::Span<const ScoredRun> runs, const EvaluationSettings& settings);

// Lines under a heading, one per row.
std::string FormatComparison(absl::Span<const CompareRow> rows);

// One setting of the ablation.
struct AblationRow {
  std::string loss;
  double positive_weight_cap = 1;
  Spread pr_auc;
  ThresholdRow at_half;   // threshold 0.5
  ThresholdRow best;      // largest F1 over 0.05, 0.10 ... 0.95
  BudgetPoint at_budget;  // mean over seeds
};

std::string FormatAblation(absl::Span<const AblationRow> rows);

}  // namespace grayling

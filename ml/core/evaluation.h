#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "ml/core/dataset.h"

namespace grayling {

// A scored run: one score and one alarm per row of `run`.
struct ScoredRun {
  const Run* run = nullptr;
  std::vector<float> scores;
  std::vector<bool> alarms;
};

struct EvaluationSettings {
  // An alarm counts for an event when it falls in [start, end + grace).
  double detection_grace_s = 0;
  // Rows in [end, end + recovery) are neither positive nor fault-free; a grace that is longer
  // lengthens it, so that no alarm is both a detection and false.
  double recovery_s = 0;
};

// Rows outside faults and recovery are fault-free. No point adjustment anywhere.
// Event recall, delay and false alarms per hour as in Hundman et al. 2018 and the glossary.
struct Evaluation {
  int events = 0;  // windows that hold a row of their run
  int detected = 0;
  double event_recall = 0;    // NaN without events
  double median_delay_s = 0;  // over detected events; NaN when none
  double p90_delay_s = 0;
  int false_alarms = 0;  // alarm episodes that begin on fault-free time
  double fault_free_hours = 0;
  double false_alarms_per_hour = 0;
  double precision = 0;  // per row
  double recall = 0;
  double f1 = 0;
  double accuracy = 0;
  double pr_auc = 0;  // average precision per row; NaN without positives
  double prevalence = 0;
  std::map<std::string, double> recall_per_label;  // event recall per fault kind
};

// Pure. Scores must be numbers; scores and alarms have one entry per row.
Evaluation Evaluate(absl::Span<const ScoredRun> runs, const EvaluationSettings& settings);

// One line of the tuning table.
struct ThresholdRow {
  double threshold = 0;
  double precision = 0, recall = 0, f1 = 0, accuracy = 0;  // per row
};

// What plain thresholding (score >= threshold, no debounce) gives, one row per threshold; for
// tuning on validation runs. 0 where a ratio has no denominator.
std::vector<ThresholdRow> TabulateThresholds(absl::Span<const ScoredRun> runs,
                                             absl::Span<const double> thresholds,
                                             const EvaluationSettings& settings);

// "Thresh | Prec | Rec  | F1   | Acc\n0.10   | 0.71 | 1.00 | 0.83 | 0.88\n..." to the letter.
std::string FormatThresholdTable(absl::Span<const ThresholdRow> rows);

}  // namespace grayling

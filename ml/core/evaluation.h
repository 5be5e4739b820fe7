#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "ml/core/bootstrap.h"
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
  // Only rows within the margin of a run's first start to its last end count: elsewhere the load
  // may be another one, and telling evening from morning is no detection.
  double margin_s = std::numeric_limits<double>::infinity();
};

// For rows every `period_s` seconds: a grace of 2 s but at least 2 rows, a recovery of 4 s but at
// least 2 rows, no margin.
EvaluationSettings DefaultEvaluation(double period_s);

// Events of one fault kind at one intensity.
struct KindRecall {
  std::string label;
  std::optional<double> intensity;
  int events = 0;
  int detected = 0;
};

// What one run contributed. NaN where it has no event.
struct RunEvaluation {
  std::string run;
  int events = 0;
  int detected = 0;
  int false_alarms = 0;
  double fault_free_hours = 0;
  double pr_auc = 0;
  double vus_pr = 0;
};

// Rows outside faults and recovery are fault-free. No point adjustment anywhere.
// Event recall, delay and false alarms per hour as in Hundman et al. 2018 and the glossary.
struct Evaluation {
  static constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

  int events = 0;  // windows that hold a row of their run
  int detected = 0;
  double event_recall = kUndefined;    // NaN without events
  double median_delay_s = kUndefined;  // over detected events; NaN when none. Misses: see detected
  double p90_delay_s = kUndefined;
  int false_alarms = 0;  // alarm episodes that begin on fault-free time
  double fault_free_hours = 0;
  double false_alarms_per_hour = kUndefined;
  // Share of the fault-free rows that are in alarm: one that never ends is one episode only.
  double false_alarm_share = kUndefined;
  double precision = 0;  // per row
  double recall = 0;
  double f1 = 0;
  double accuracy = 0;
  double prevalence = 0;
  std::map<std::string, double> recall_per_label;  // event recall per fault kind
  std::vector<KindRecall> recall_per_intensity;    // kind x intensity, in this order
  double pr_auc = kUndefined;  // average precision per row, runs pooled; NaN without positives

  // Only EvaluateFully fills what follows.
  double vus_pr = kUndefined;             // mean over the runs with events
  int vus_window = 0;                     // rows; the largest used
  double calibration_error = kUndefined;  // ECE, per row; NaN when the scores are no probabilities
  double brier = kUndefined;
  std::string resampled;  // what the intervals resample: "runs", "groups" or "events"
  Interval event_recall_interval;
  Interval false_alarms_per_hour_interval;
  Interval pr_auc_interval;
  std::vector<RunEvaluation> runs;
};

// Pure. Scores must be numbers; scores and alarms have one entry per row.
Evaluation Evaluate(absl::Span<const ScoredRun> runs, const EvaluationSettings& settings);

// The same without PR-AUC, which alone depends on the scores: for searching among alarm rules.
Evaluation EvaluateAlarms(absl::Span<const ScoredRun> runs, const EvaluationSettings& settings);

struct FullEvaluationSettings {
  EvaluationSettings base = {};
  int vus_window = -1;   // rows; -1: the median length of the events in rows, at most 100
  int resamples = 1000;  // fewer, but at least 200, on sets so large that it would take long
  uint64_t seed = 1;
};

// Evaluate and in addition VUS-PR (vus_pr.h), calibration, the runs one by one and 95 % intervals
// by bootstrap. Resampled are whole groups of runs ("runs" where every group is one run); with
// fewer than five groups, stretches of time that hold one event each. Pure, deterministic.
Evaluation EvaluateFully(absl::Span<const ScoredRun> runs, const FullEvaluationSettings& settings);

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

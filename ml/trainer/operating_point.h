#pragma once

#include <vector>

#include "absl/types/span.h"
#include "ml/core/evaluation.h"

namespace grayling {

// Logits (largest over services) that a network gave to a run it never saw.
struct OutOfFoldRun {
  const Run* run = nullptr;
  std::vector<float> logits;
};

struct OperatingTargets {
  double event_recall = 0.95;        // at least
  double false_alarms_per_hour = 6;  // at most
  // At most this share of fault-free rows in alarm: an alarm that never ends is one episode only.
  double false_row_share = 0.1;
};

struct OperatingPoint {
  double threshold = 0.5;
  int alarm_votes = 1;
  int alarm_rows = 1;
  Evaluation evaluation;  // on the out-of-fold rows
  bool meets_targets = false;
};

// The temperature T in [0.25, 8] that minimises the negative log-likelihood of sigmoid(logit / T)
// on rows outside of recovery. It changes no ranking. 1 without rows of both classes.
float FitTemperature(absl::Span<const OutOfFoldRun> runs, double recovery_s);

// sigmoid(logit / temperature), as the detector computes it.
std::vector<ScoredRun> ToScores(absl::Span<const OutOfFoldRun> runs, float temperature);

// Sets the alarms: `votes` of the last `rows` rows with score >= threshold.
void SetAlarms(std::vector<ScoredRun>& runs, double threshold, int votes, int rows);

// Rows for thresholds 0.05, 0.10 ... 0.95 without debouncing.
std::vector<ThresholdRow> ThresholdTable(absl::Span<const ScoredRun> runs,
                                         const EvaluationSettings& settings);

// Over the same thresholds and a few m-of-n rules: the highest row precision among those that meet
// the targets; where none does, the highest F2 of events, less the share of fault-free rows in
// alarm. Neighbouring thresholds count as well (a neighbour that misses the targets counts 0), so
// that a point in the middle of good ones beats a lucky edge. Ties: the smaller rule, then the
// lower threshold.
OperatingPoint ChooseOperatingPoint(std::vector<ScoredRun> runs, const EvaluationSettings& settings,
                                    const OperatingTargets& targets);

}  // namespace grayling

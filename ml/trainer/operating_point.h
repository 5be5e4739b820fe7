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

// score = sigmoid((logit + bias) / temperature). It changes no ranking.
struct Calibration {
  float temperature = 1;
  float bias = 0;
};

// Platt's calibration on rows outside of recovery: the network's own bias is pushed up by the
// weight of positives and by taking the largest of several services. Temperature in [0.125, 8]. The
// identity without rows of both classes.
Calibration Calibrate(absl::Span<const OutOfFoldRun> runs, double recovery_s);

std::vector<ScoredRun> ToScores(absl::Span<const OutOfFoldRun> runs,
                                const Calibration& calibration);

// Sets the alarms: `votes` of the last `rows` rows with score >= threshold.
void SetAlarms(std::vector<ScoredRun>& runs, double threshold, int votes, int rows);

// Rows for thresholds 0.05, 0.10 ... 0.95 without debouncing.
std::vector<ThresholdRow> ThresholdTable(absl::Span<const ScoredRun> runs,
                                         const EvaluationSettings& settings);

// Over thresholds 0.02, 0.04 ... 0.98 and a few m-of-n rules: the highest row precision among those
// that meet the targets; where none does, the highest F2 of events, less the share of fault-free
// rows in alarm. The three thresholds on either side count as well (0 for one that misses the
// targets or lies outside), so that a point in the middle of good ones beats a lucky edge. Ties:
// the smaller rule, then the lower threshold. When the fault-free time is too short to prove the
// budget of false alarms (by the rule of three, budget * hours < 3), an alarm needs at least three
// votes: no false alarm in six minutes says little about an hour.
OperatingPoint ChooseOperatingPoint(std::vector<ScoredRun> runs, const EvaluationSettings& settings,
                                    const OperatingTargets& targets);

}  // namespace grayling

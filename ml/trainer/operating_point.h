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
  double false_alarms_per_hour = 3;  // at most
  // At most this share of fault-free rows in alarm: an alarm that never ends is one episode only.
  double false_row_share = 0.1;
};

// For rows every `period_s` seconds: 3 false alarms an hour up to 10 s, else 2, and above a minute
// one in 30 rows.
OperatingTargets DefaultTargets(double period_s);

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

// Platt's calibration on the judged rows outside of recovery: the network's own bias is pushed up
// by the weight of positives and by taking the largest of several services. Temperature in [0.125,
// 8]. The identity without rows of both classes.
Calibration Calibrate(absl::Span<const OutOfFoldRun> runs, const EvaluationSettings& settings);

std::vector<ScoredRun> ToScores(absl::Span<const OutOfFoldRun> runs,
                                const Calibration& calibration);

// Sets the alarms: `votes` of the last `rows` rows with score >= threshold.
void SetAlarms(std::vector<ScoredRun>& runs, double threshold, int votes, int rows);

// Rows for thresholds 0.05, 0.10 ... 0.95 without debouncing.
std::vector<ThresholdRow> ThresholdTable(absl::Span<const ScoredRun> runs,
                                         const EvaluationSettings& settings);

// Over 80 thresholds, even in log-odds between the median of the fault-free scores and the largest
// score, and m-of-n rules that an event of the usual length can satisfy:
//  * the highest row precision among the points that meet all targets;
//  * where none does, the highest event recall within the budget of false alarms;
//  * where that finds nothing, the highest F2 of events, less the share of fault-free rows in
//  alarm.
// The thresholds on either side count as well (0 for one that is not eligible or lies outside), so
// that a point in the middle of good ones beats a lucky edge. Of points within 0.02 of the best the
// one that marks most fault rows is taken: a fault of a kind never seen will be fainter; ties go to
// the smaller rule. When the fault-free time is too short to prove the budget of false alarms (by
// the rule of three, budget * hours < 3), an alarm needs three votes, if events are long enough for
// them: no false alarm in six minutes says little about an hour.
OperatingPoint ChooseOperatingPoint(std::vector<ScoredRun> runs, const EvaluationSettings& settings,
                                    const OperatingTargets& targets);

}  // namespace grayling

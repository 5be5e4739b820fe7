#pragma once

#include <vector>

#include "absl/types/span.h"
#include "ml/core/evaluation.h"
#include "ml/core/row_kind.h"

namespace grayling {

// The parts that Evaluate and EvaluateFully are made of. All pure.

// Recovery never ends before the grace does: no alarm is both a detection and false.
double RecoveryOf(const EvaluationSettings& settings);

struct EventOutcome {
  const LabelWindow* window = nullptr;
  size_t first_row = 0;  // of the run, inside the window
  double end = 0;        // of the window with its grace, Unix seconds
  bool detected = false;
  double delay_s = 0;  // from the start to the first alarm; 0 when not detected
};

// One per window that holds a row. The grace ends where another window begins, so that the next
// fault's alarm is not credited to this one.
std::vector<EventOutcome> OutcomesOfEvents(const ScoredRun& scored, double grace_s);

// What a run's rows say about false alarms.
struct RowTally {
  std::vector<RowKind> kinds;
  std::vector<bool> false_alarm_begins;
  // Seconds that each row stands for: to the next row, but no more than the usual distance, so that
  // a gap is not counted as watched time. 0 for rows that are not fault-free.
  std::vector<double> fault_free_s;
};
RowTally TallyRows(const ScoredRun& scored, const EvaluationSettings& settings);

struct ScoredRow {
  float score = 0;
  bool positive = false;
  int unit = 0;  // of the bootstrap
};

// Highest score first.
void SortByScore(std::vector<ScoredRow>& rows);

// Sum over the distinct scores, from the largest, of (recall gained) x (precision there), each row
// counted `weights[unit]` times; without weights once. NaN without positives. `rows` are sorted.
double AveragePrecision(const std::vector<ScoredRow>& rows, absl::Span<const float> weights = {});

}  // namespace grayling

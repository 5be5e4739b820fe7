#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ml/trainer/compare_table.h"
#include "ml/trainer/fit.h"

namespace grayling {

struct CompareSettings {
  // Labels, evaluation, selection, bounds of the work and the false alarms that are allowed; its
  // networks are not looked at.
  FitSettings fit;
  NetworkSettings network;  // base of every detector; every network runs all of its epochs
  int seeds = 3;
  int threads = 0;  // folds at a time; 0: one per core
  bool ablate = false;
};

struct CompareResult {
  int folds = 0;
  int events = 0;
  double budget = 0;                  // false alarms per hour
  std::vector<CompareRow> rows;       // "always alarm" last
  std::vector<AblationRow> ablation;  // empty unless asked for
  std::vector<std::string> notes;
};

// Trains every detector (compare_detectors.h) on the same folds, whole groups held out in turn, and
// judges all on the rows that they did not see: the threshold of a row in the table is the best for
// those very rows, for every detector alike, so the numbers rank and do not promise. Learns from
// and judges the training runs; all runs where none of those has a fault window. Deterministic but
// for the times. INVALID_ARGUMENT says what the data lacks.
absl::StatusOr<CompareResult> CompareDetectors(const Dataset& dataset,
                                               const CompareSettings& settings,
                                               const FitProgress& progress);

}  // namespace grayling

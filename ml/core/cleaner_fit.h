#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ml/core/cleaner.h"
#include "ml/core/dataset.h"

namespace grayling {

// Why a column is cleaned as it is, or not at all.
enum class CleaningReason {
  kFitted,
  kTooFew,    // fewer than kLeastBaseline values
  kConstant,  // any change at all is news, not noise
  kEvents,    // zero more often than not: its values are events
};

inline constexpr int kLeastBaseline = 30;

struct CleaningSettings {
  double recovery_s = 0;             // rows so soon after a fault are no baseline
  std::optional<double> threshold;   // on RR, for every column, instead of the fitted one
  std::optional<int> longest_spike;  // rows, instead of the fitted one
};

struct FittedColumn {
  ColumnCleaning cleaning;
  CleaningReason reason = CleaningReason::kFitted;
  double fitted_threshold = 0;  // on RR; `cleaning` has the one in use
  int64_t values = 0;           // baseline values seen
};

struct FittedCleaning {
  std::vector<FittedColumn> columns;
  // The shortest known fault of the training runs, in rows; 0: no fault is known. A repair may hide
  // at most a quarter of it.
  int shortest_fault = 0;

  std::vector<ColumnCleaning> Cleanings() const;
};

// One column's values in consecutive fault-free rows of one run, missing ones left out.
struct BaselineStretch {
  int run = 0;  // stretches of one run follow each other
  std::vector<float> values;
};

// The cleaning of one column from its baseline. Window by variability c (d2 rule): c >= 0.5: 3, >=
// 0.25: 5, >= 0.1: 7, else 10 rows; threshold = max(0.02, 99.5th percentile of the
// baseline's RR); epsilon = max(1e-9, 5 % of |median|, quantisation step, 1.4826 MAD), the last so
// that a series around zero keeps a scale; least range = max(quantisation step, a tenth of the
// standard deviation). Deviations are taken from each run's own median, so that runs under
// different loads do not look variable. longest_spike is 2 where at least a fifth of the baseline's
// own spikes last two rows, else 1.
FittedColumn FitColumnCleaning(absl::Span<const BaselineStretch> stretches);

// One entry per column of the runs, from their fault-free rows only: pass training runs. Their
// known faults, at most to a quarter of the shortest, bound longest_spike. Deterministic.
FittedCleaning FitCleaning(absl::Span<const Run* const> training, const CleaningSettings& settings);

// "variable" (window 3), "moderate" (5, 7), "nearly constant" (10), or why the column passes:
// "constant", "events", "too few".
absl::string_view CleaningClass(const FittedColumn& column);

// The clause that explains threshold and repair to a person.
std::string ExplainCleaning(const FittedColumn& column, int shortest_fault);

}  // namespace grayling

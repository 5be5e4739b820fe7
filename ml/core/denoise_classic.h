#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ml/core/dataset.h"

namespace grayling {

// The windowed adaptation of TUNA's detector as a public student project published it, kept exactly
// for comparison. Do not train on its output: its least range looks at the whole series, one spike
// marks up to 2 w - 1 rows, and the penalty shrinks the first rows of a fault. Its replacement of
// unmarked points by a random forest is left out: that forest is told the experiment's name.
struct ClassicParameters {
  int window = 3;  // rows
  double threshold = 0.85;
  bool discrete = false;  // few values or mostly zeros: penalised, never predicted
};

// What the original reports of a series. NaN where it is not defined.
struct ClassicStatistics {
  int64_t rows = 0;
  double outlier_percent = 0;
  double noise_reduction_percent = 0;  // of the standard deviation
  double correlation = 0;              // Pearson, before and after
  // 0.4 min(reduction / 50, 1) + 0.4 correlation + 0.2 min(outliers / 20, 1)
  double effectiveness = 0;
};

inline constexpr double kClassicPenalty = 0.75;

// 5 rows and 0.65 for TCP retransmissions, else 3 and 0.85, told by the metric's name, like the
// rule for "discrete": tcp: (unique <= 10 and range <= 50) or zeros > 60 % or (unique <= 20 and
// whole numbers); cpu and memory: unique <= 5 and zeros > 80 %; others: unique <= 10 and zeros >
// 50 %. `values` are finite.
ClassicParameters ClassicParametersFor(absl::string_view column, absl::Span<const float> values);

// Marks all rows of every window with mean > 0, (max - min) / mean > threshold and max - min > 0.1
// population standard deviations of `values` (finite).
std::vector<bool> ClassicOutliers(absl::Span<const float> values,
                                  const ClassicParameters& parameters);

struct ClassicReport {
  std::string column;
  std::string run;
  ClassicParameters parameters;
  ClassicStatistics statistics;
  int64_t rows_inside = 0, marked_inside = 0;    // of fault windows
  int64_t rows_outside = 0, marked_outside = 0;  // fault-free rows
};

// Multiplies the marked rows of every series of every run by the penalty, in place. Missing cells
// are left out of the series. One report per run and column that has values. With `mask` a column
// <column>#mask holds 1 where a row was marked.
std::vector<ClassicReport> DenoiseClassic(Dataset& dataset, bool mask);

}  // namespace grayling

#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "ml/core/bootstrap.h"
#include "ml/core/dataset.h"

namespace grayling {

// What faults do to columns: before, during and after each labelled window against each other and
// against baseline runs (those without a window). See describe_phases.h for the phases.

enum class Phase { kBaseline, kBefore, kDuring, kAfter };
inline constexpr int kPhases = 4;

// Rows of one phase, all events of a kind pooled; NaN without rows.
struct PhaseSummary {
  size_t rows = 0;
  double median = 0;
  double scale = 0;  // 1.4826 MAD
  double q05 = 0, q25 = 0, q75 = 0, q95 = 0;
};

struct PhaseComparison {
  Phase left;
  Phase right;
};
// The first one ranks the columns.
inline constexpr std::array<PhaseComparison, 6> kComparisons = {{
    {Phase::kDuring, Phase::kBefore},
    {Phase::kAfter, Phase::kBefore},
    {Phase::kDuring, Phase::kAfter},
    {Phase::kBefore, Phase::kBaseline},
    {Phase::kDuring, Phase::kBaseline},
    {Phase::kAfter, Phase::kBaseline},
}};

struct Effect {
  static constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

  // Cliff's delta of left against right per event, mean over events: -1 (lower) to 1 (higher).
  double delta = kUndefined;
  Interval interval;  // of the mean, by bootstrap
  // Mann-Whitney, within events and summed over them (against baseline: all rows pooled), and
  // Benjamini-Hochberg's adjustment over all columns and kinds. Rows of a series depend on their
  // neighbours, so both are too small: rank by `delta`.
  double p_value = kUndefined;
  double adjusted_p_value = kUndefined;
};

// One column under one fault kind.
struct ColumnDescription {
  std::string column;  // or a TargetColumn's name, which has no baseline
  int events = 0;      // with values before and during
  // What the intervals resample: "runs" or "groups" of runs where at least five of them have
  // values, else "events"; empty with fewer than three events, which give no interval.
  std::string resampled;
  std::array<PhaseSummary, kPhases> phases;
  std::array<Effect, kComparisons.size()> effects;
  // Cliff's delta of the second half of `before` against its first half, mean over events: what
  // grows anyway lies higher during a fault than before it, too.
  double drift = Effect::kUndefined;
  double shift = 0;  // median over events of (median during - median before), in scales of before
  // The first row after the start that lies beyond the event's before-distribution: beyond all of
  // its values and four robust deviations from its median, and so does the next row.
  int onsets = 0;
  double median_onset_s = Effect::kUndefined;
  // From the end to the first of two rows inside that distribution again; events with an onset.
  int recoveries = 0;
  double median_recovery_s = Effect::kUndefined;
};

struct KindDescription {
  std::string kind;
  int events = 0;
  // Most affected first: by the end of the interval nearest to 0 (0 without an interval) less what
  // the drift explains, then by |delta|, then by |shift|. Where windows name several services,
  // columns that follow the service at fault are among them. Columns without an event of this kind
  // are left out.
  std::vector<ColumnDescription> columns;
};

struct Description {
  int baseline_runs = 0;
  std::vector<KindDescription> kinds;  // in order of their names
};

struct DescribeSettings {
  double recovery_s = 0;
  int resamples = 500;
  uint64_t seed = 1;
};

// O(n log n) in the cells. Pure, deterministic.
Description DescribeFaults(const Dataset& dataset, const DescribeSettings& settings);

}  // namespace grayling

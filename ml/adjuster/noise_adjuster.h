#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/adjuster/boosted_trees.h"
#include "ml/core/dataset.h"

namespace grayling {

struct NoiseAdjusterSettings {
  size_t kpi = 0;                    // column
  std::vector<size_t> host_columns;  // see HostColumns
  int window = 5;                    // rows of host state before and with each row
  double recovery_s = 0;             // rows so soon after a fault are no baseline
  BoostedTreesSettings trees;
};

struct NoiseAdjustment {
  double center = 0;     // the KPI's median over baseline rows
  int64_t baseline = 0;  // rows fitted on
  int folds = 0;
  // Out of fold on the baseline: 1 - squared errors / squared deviations from the fitted folds'
  // mean.
  double r2 = 0;
  bool applied = false;  // r2 > 0
};

inline constexpr double kLeastDeviation = -0.5;  // bounds of what may be divided out
inline constexpr double kMostDeviation = 2;
inline constexpr char kResidualSuffix[] = "#residual";

// TUNA's noise adjuster (EuroSys 2025), on rows: from the trailing state of the hosts, trees
// predict the KPI's relative deviation d = kpi / center - 1; then kpi becomes kpi / (1 + d), with d
// within [kLeastDeviation, kMostDeviation], and a column <kpi>#residual holds kpi / center / (1 +
// d) - 1: what the hosts do not explain.
//
// Fitted on fault-free rows of the `baseline` runs only; the KPI itself and the name of the
// experiment are never inputs. Baseline rows are adjusted by trees that did not see their fold, so
// that they look like rows never seen: a fold is a group of runs, or, with fewer than three groups,
// a fifth of the rows with a purged border of one window. When the out-of-fold R2 is not positive,
// the data set stays as it is. Deterministic. INVALID_ARGUMENT for a KPI around zero, too few
// baseline rows or more cells than fit in memory.
absl::StatusOr<NoiseAdjustment> AdjustKpi(Dataset& dataset, absl::Span<const size_t> baseline,
                                          const NoiseAdjusterSettings& settings);

}  // namespace grayling

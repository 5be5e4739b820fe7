#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ml/core/dataset.h"
#include "ml/core/localisation_metrics.h"

namespace grayling {

struct RankingEvaluation {
  LocalisationAccuracy all;
  std::map<std::string, LocalisationAccuracy> per_label;
};

// Judges rankings `[{"run": id, "start": seconds, "ranking": [service, ...]}]`, as `localize --out`
// writes them, by the windows of `judged` that hold a row and name a service; a window without a
// ranking (same run, start within a second) counts as a miss. INVALID_ARGUMENT names `file` and
// what is wrong in it. Pure.
absl::StatusOr<RankingEvaluation> EvaluateRankings(absl::string_view json, const std::string& file,
                                                   absl::Span<const Run* const> judged);

}  // namespace grayling

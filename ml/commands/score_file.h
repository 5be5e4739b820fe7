#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "ml/core/evaluation.h"

namespace grayling {

// Writes `run,time,score,alarm`, one line per row of every run, as ReadScores (evaluation_scores.h)
// reads it: times and scores in the shortest digits that read back equal, LF line ends. The file
// appears under its name only when it is complete.
absl::Status WriteScores(absl::Span<const ScoredRun> runs, const std::string& path);

}  // namespace grayling

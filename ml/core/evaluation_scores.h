#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ml/core/evaluation.h"

namespace grayling {

// Reads scores from anywhere: CSV with the header `run,time,score,alarm`, one line per row of a run
// in any order, score a number (larger is stranger), alarm 0 or 1, times as in the run's file
// within a millisecond. Gives the runs of `runs` that the text scores, in the order of `runs`;
// every row of such a run needs a line. INVALID_ARGUMENT names `file` and the line: an unknown run,
// a time that the run has not, a row scored twice, a value that is no number. Pure.
absl::StatusOr<std::vector<ScoredRun>> ParseScores(absl::string_view text, const std::string& file,
                                                   absl::Span<const Run> runs);

// The same from a file. NOT_FOUND when it cannot be opened.
absl::StatusOr<std::vector<ScoredRun>> ReadScores(const std::string& path,
                                                  absl::Span<const Run> runs);

}  // namespace grayling

#pragma once

#include <limits>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"
#include "ml/core/evaluation.h"

namespace grayling {

// What `evaluate` and `report` let the user say about the judging.
struct JudgeOptions {
  std::string split;  // "test", "all", or "": test where a run is marked so
  double margin_s = std::numeric_limits<double>::infinity();
  double grace_s = -1;  // negative: DefaultEvaluation's
  int vus_window = -1;  // negative: the median event
};

// `options` outlives `command`.
void AddJudgeOptions(CLI::App& command, JudgeOptions& options);

EvaluationSettings SettingsFrom(const JudgeOptions& options, double period_s);

// Which runs of a data set are judged.
struct JudgedRuns {
  std::vector<const Run*> runs;
  bool only_test = false;
};

// FAILED_PRECONDITION when runs with split "test" are asked for and none is; `directory` names the
// data set in the error. The result points into `dataset`.
absl::StatusOr<JudgedRuns> ChooseJudgedRuns(const Dataset& dataset, const JudgeOptions& options,
                                            const std::string& directory);

// The scores of a file for those of `judged` that it scores; their number is in the remark where it
// is not all. INVALID_ARGUMENT with the line of a bad file, or when it scores none of them.
struct JudgedScores {
  std::vector<ScoredRun> runs;
  std::string remark;  // empty: nothing is left out
};
absl::StatusOr<JudgedScores> ReadJudgedScores(const std::string& path, const Dataset& dataset,
                                              const std::vector<const Run*>& judged);

}  // namespace grayling

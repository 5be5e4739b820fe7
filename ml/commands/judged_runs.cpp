#include "ml/commands/judged_runs.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "ml/core/evaluation_scores.h"

namespace grayling {

void AddJudgeOptions(CLI::App& command, JudgeOptions& options) {
  command
      .add_option("--split", options.split,
                  "runs to judge: test, or all (default: test where a run is marked so)")
      ->check(CLI::IsMember({"test", "all"}));
  command
      .add_option("--margin", options.margin_s,
                  "seconds around a run's first to last fault that count; runs without a fault "
                  "then count nothing (default: all rows)")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--grace", options.grace_s,
                  "seconds after an event's end in which an alarm still finds it (default: 2 s, at "
                  "least 2 rows)")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--vus-window", options.vus_window,
                  "largest window of VUS-PR in rows (default: the median event, at most 100; "
                  "TSB-AD takes 100)")
      ->check(CLI::Range(0, 10000));
}

EvaluationSettings SettingsFrom(const JudgeOptions& options, double period_s) {
  EvaluationSettings settings = DefaultEvaluation(period_s);
  settings.margin_s = options.margin_s;
  if (options.grace_s >= 0) settings.detection_grace_s = options.grace_s;
  return settings;
}

absl::StatusOr<JudgedRuns> ChooseJudgedRuns(const Dataset& dataset, const JudgeOptions& options,
                                            const std::string& directory) {
  std::vector<const Run*> all, test;
  for (const Run& run : dataset.runs) {
    all.push_back(&run);
    if (run.split == "test") test.push_back(&run);
  }
  if (options.split == "all" || (options.split.empty() && test.empty())) {
    return JudgedRuns{std::move(all), false};
  }
  if (test.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("no run of \"", directory,
                     "\" has split \"test\"; mark one in dataset.json or pass --split all"));
  }
  return JudgedRuns{std::move(test), true};
}

absl::StatusOr<JudgedScores> ReadJudgedScores(const std::string& path, const Dataset& dataset,
                                              const std::vector<const Run*>& judged) {
  GRAYLING_ASSIGN_OR_RETURN(std::vector<ScoredRun> all, ReadScores(path, dataset.runs));
  JudgedScores scores;
  std::vector<std::string> unscored;
  for (const Run* run : judged) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [run](const ScoredRun& scored) { return scored.run == run; });
    if (found == all.end()) {
      unscored.push_back(run->id);
    } else {
      scores.runs.push_back(std::move(*found));
    }
  }
  if (scores.runs.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " scores none of the judged runs; score them or pass --split all"));
  }
  if (!unscored.empty()) {
    scores.remark = absl::StrFormat("%d of %d runs have no scores and are not judged: %s.",
                                    unscored.size(), judged.size(), absl::StrJoin(unscored, ", "));
  }
  return scores;
}

}  // namespace grayling

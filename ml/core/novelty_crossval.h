#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ml/core/dataset.h"
#include "ml/core/evaluation.h"
#include "ml/core/novelty.h"

namespace grayling {

struct NoveltyCrossvalSettings {
  NoveltyMode mode = NoveltyMode::kAuto;
  double false_alarms_per_hour = 1;
  int threads = 0;  // 0: one per core
};

// How one group was scored.
struct NoveltyFold {
  std::string group;
  // True: no run of the group is marked as training, so the first 15 % of each of its runs (at
  // least 20 rows, at most half) were, and their rows score 0 without an alarm.
  bool trained_on_heads = false;
  int64_t training_rows = 0;
  double threshold = 0;  // on the strangeness
  int alarm_votes = 1;
  int alarm_rows = 1;
  std::string note;  // why the group was not scored; its runs score 0
};

// Every scored run, group by group. `scored` points into `runs`, so it cannot be
// copied. The runs have no values any more: only id, group, split, entity, times and windows.
struct NoveltyCrossvalResult {
  NoveltyCrossvalResult() = default;
  NoveltyCrossvalResult(NoveltyCrossvalResult&&) = default;
  NoveltyCrossvalResult& operator=(NoveltyCrossvalResult&&) = default;
  NoveltyCrossvalResult(const NoveltyCrossvalResult&) = delete;
  NoveltyCrossvalResult& operator=(const NoveltyCrossvalResult&) = delete;

  double period_s = 1;
  std::vector<Run> runs;
  std::vector<ScoredRun> scored;
  std::vector<NoveltyFold> folds;  // per group, in order of first sight
};

// For each group of the data set in `directory`: fits on the group's own runs of split "train",
// without a look at any window, and scores its "test" runs (its runs without a split where none is
// marked "test"). A run without a group is a group of its own. Groups are read one by one, as their
// columns may differ, and in parallel. Deterministic, whatever the number of threads. Errors of
// reading; INVALID_ARGUMENT when there is no run to score.
absl::StatusOr<NoveltyCrossvalResult> CrossvalidateNovelty(const std::string& directory,
                                                           const NoveltyCrossvalSettings& settings);

}  // namespace grayling

#include "ml/trainer/crossval.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/trainer/crossval_message.h"
#include "ml/trainer/crossval_processes.h"
#include "ml/trainer/fit_inputs.h"
#include "ml/trainer/math_threads.h"

namespace grayling {
namespace {

bool HasRows(const FoldPlan& plan, size_t run, int fold) {
  const std::vector<int>& folds = plan.fold_of_row[run];
  return std::find(folds.begin(), folds.end(), fold) != folds.end();
}

// Scores of the fold's rows, run after run.
absl::Status ScoreFold(const Dataset& dataset, const FoldPlan& plan, int fold, const Model& model,
                       FoldMessage& message) {
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    if (!HasRows(plan, i, fold)) continue;
    GRAYLING_ASSIGN_OR_RETURN(const RunVerdicts verdicts,
                              JudgeRun(model, dataset.runs[i], dataset.columns));
    for (size_t r = 0; r < verdicts.scores.size(); ++r) {
      if (plan.fold_of_row[i][r] != fold) continue;
      message.scores.push_back(verdicts.scores[r]);
      message.alarms.push_back(verdicts.alarms[r]);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<FoldMessage> WorkOnFold(const Dataset& dataset, const FoldPlan& plan, int fold,
                                       const FitSettings& settings, const FitProgress& progress) {
  FoldMessage message;
  FoldSummary& summary = message.summary;
  summary.held_out = plan.names[static_cast<size_t>(fold)];
  const absl::StatusOr<FitReport> report =
      FitModel(TrainingPart(dataset, plan, fold), settings, progress);
  if (!report.ok()) {
    if (report.status().code() != absl::StatusCode::kInvalidArgument) return report.status();
    summary.note = std::string(report.status().message());
    return message;
  }
  summary.network = report->network;
  summary.epochs = report->epochs;
  summary.inputs = static_cast<int>(report->inputs.size());
  summary.threshold = report->model.threshold;
  summary.alarm_votes = report->model.alarm_votes;
  summary.alarm_rows = report->model.alarm_rows;
  summary.meets_targets = report->point.meets_targets;
  for (const std::string& note : report->notes) {
    absl::StrAppend(&summary.note, summary.note.empty() ? "" : "; ", note);
  }
  GRAYLING_RETURN_IF_ERROR(ScoreFold(dataset, plan, fold, report->model, message));
  return message;
}

// Puts the rows of one fold where they belong.
absl::Status Place(const FoldMessage& message, int fold, const FoldPlan& plan,
                   std::vector<ScoredRun>& runs) {
  if (message.summary.network.empty()) return absl::OkStatus();
  size_t next = 0;
  for (size_t i = 0; i < runs.size(); ++i) {
    for (size_t r = 0; r < runs[i].scores.size(); ++r) {
      if (plan.fold_of_row[i][r] != fold) continue;
      if (next >= message.scores.size()) return absl::InternalError("a fold lacks rows");
      runs[i].scores[r] = message.scores[next];
      runs[i].alarms[r] = message.alarms[next];
      ++next;
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CrossvalResult> Crossvalidate(const Dataset& dataset,
                                             const CrossvalSettings& settings,
                                             const FitProgress& progress) {
  CrossvalResult result;
  const int usual_folds = CountRows(dataset) > kManyRows ? 5 : 10;
  const int most_folds = settings.most_folds > 0 ? settings.most_folds : usual_folds;
  GRAYLING_ASSIGN_OR_RETURN(result.plan,
                            PlanFolds(dataset, settings.by, settings.fit.labels.recovery_s,
                                      static_cast<size_t>(std::max(2, most_folds))));
  const auto folds = static_cast<int>(result.plan.names.size());
  const auto work = [&](int fold, const TaskProgress& on_epoch) -> absl::StatusOr<std::string> {
    UseOneMathThread();
    GRAYLING_ASSIGN_OR_RETURN(
        const FoldMessage message,
        WorkOnFold(dataset, result.plan, fold, settings.fit,
                   [&](int done, int total, const std::string& text) {
                     on_epoch(done, total,
                              absl::StrCat("left out ", fold + 1, "/", folds, "  ", text));
                   }));
    return PackFold(message);
  };
  const int processes = settings.processes > 0 ? settings.processes : UsableCores();
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<std::string> messages,
                            RunInProcesses(folds, processes, work, progress));
  for (const Run& run : dataset.runs) {
    result.runs.push_back(
        {&run, std::vector<float>(run.time.size(), 0), std::vector<bool>(run.time.size(), false)});
  }
  bool any = false;
  for (int fold = 0; fold < folds; ++fold) {
    GRAYLING_ASSIGN_OR_RETURN(const FoldMessage message,
                              UnpackFold(messages[static_cast<size_t>(fold)]));
    GRAYLING_RETURN_IF_ERROR(Place(message, fold, result.plan, result.runs));
    any = any || !message.summary.network.empty();
    result.folds.push_back(message.summary);
  }
  if (!any) return absl::InvalidArgumentError(result.folds.front().note);
  return result;
}

std::vector<ScoredRun> RowsOfFold(const CrossvalResult& result, int fold,
                                  std::vector<Run>& storage) {
  std::vector<ScoredRun> rows;
  storage.clear();
  storage.reserve(result.runs.size());
  for (size_t i = 0; i < result.runs.size(); ++i) {
    if (!HasRows(result.plan, i, fold)) continue;
    const ScoredRun& whole = result.runs[i];
    Run& run = storage.emplace_back();
    run.id = whole.run->id;
    run.group = whole.run->group;
    ScoredRun& scored = rows.emplace_back();
    scored.run = &run;
    for (size_t r = 0; r < whole.scores.size(); ++r) {
      if (result.plan.fold_of_row[i][r] != fold) continue;
      run.time.push_back(whole.run->time[r]);
      scored.scores.push_back(whole.scores[r]);
      scored.alarms.push_back(whole.alarms[r]);
    }
    for (size_t w = 0; w < whole.run->windows.size(); ++w) {
      if (result.plan.fold_of_window[i][w] == fold) run.windows.push_back(whole.run->windows[w]);
    }
  }
  return rows;
}

}  // namespace grayling

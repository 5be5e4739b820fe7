#include "ml/trainer/crossval.h"

#include <memory>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/commands/fit_options.h"
#include "ml/commands/score_file.h"
#include "ml/core/baselines.h"
#include "ml/core/evaluation_text.h"
#include "ml/core/novelty_crossval.h"
#include "ml/trainer/progress.h"

namespace grayling {
namespace {

struct CrossvalArguments {
  std::string directory;
  std::string out;
  std::string by = "group";
  FitOptions fit;
  int most_folds = 0;
  int processes = 0;
  bool json = false;
};

// The detector beside the row that any must beat.
std::vector<NamedEvaluation> Judge(absl::Span<const ScoredRun> runs,
                                   const EvaluationSettings& settings) {
  FullEvaluationSettings full;
  full.base = settings;
  std::vector<NamedEvaluation> judged = {{"out of fold", EvaluateFully(runs, full)}};
  std::vector<ScoredRun> always;
  for (const ScoredRun& run : runs) always.push_back(AlwaysAlarm(*run.run));
  judged.push_back({"always alarm", EvaluateFully(always, full)});
  return judged;
}

Evaluation JudgeFold(const CrossvalResult& result, int fold, const EvaluationSettings& settings) {
  std::vector<Run> storage;
  const std::vector<ScoredRun> rows = RowsOfFold(result, fold, storage);
  return Evaluate(rows, settings);
}

std::string Share(int part, int whole) {
  return whole == 0 ? "-" : absl::StrFormat("%.2f (%d of %d)", 1.0 * part / whole, part, whole);
}

void PrintFolds(const CrossvalResult& result, const EvaluationSettings& settings) {
  absl::PrintF(
      "%-32s | %-12s | Epochs | Alarm rule        | Event recall    | False alarms/h | PR-AUC\n",
      "Left out", "Network");
  for (size_t f = 0; f < result.folds.size(); ++f) {
    const FoldSummary& fold = result.folds[f];
    const Evaluation e = JudgeFold(result, static_cast<int>(f), settings);
    const std::string rule =
        absl::StrFormat("%d of %d >= %.3f", fold.alarm_votes, fold.alarm_rows, fold.threshold);
    absl::PrintF("%-32s | %-12s | %6d | %-17s | %-15s | %-14s | %.2f\n", fold.held_out,
                 fold.network.empty() ? "none" : fold.network, fold.epochs, rule,
                 Share(e.detected, e.events),
                 absl::StrFormat("%.2f (%d)", e.false_alarms_per_hour, e.false_alarms), e.pr_auc);
  }
  for (const FoldSummary& fold : result.folds) {
    if (fold.note.empty()) continue;
    absl::PrintF("Note on %s: %s%s\n", fold.held_out, fold.note,
                 fold.network.empty() ? "; its rows score 0" : "");
  }
  if (!result.plan.note.empty()) absl::PrintF("Note: %s\n", result.plan.note);
}

void PrintJson(const CrossvalResult& result, const EvaluationSettings& settings) {
  nlohmann::ordered_json document;
  document["detectors"] = ToJson(Judge(result.runs, settings));
  for (size_t f = 0; f < result.folds.size(); ++f) {
    const FoldSummary& fold = result.folds[f];
    nlohmann::ordered_json entry = {{"left_out", fold.held_out},
                                    {"network", fold.network},
                                    {"epochs", fold.epochs},
                                    {"inputs", fold.inputs},
                                    {"threshold", fold.threshold},
                                    {"alarm_votes", fold.alarm_votes},
                                    {"alarm_rows", fold.alarm_rows},
                                    {"meets_targets", fold.meets_targets},
                                    {"note", fold.note}};
    entry["evaluation"] = ToJson(JudgeFold(result, static_cast<int>(f), settings));
    document["folds"].push_back(std::move(entry));
  }
  document["note"] = result.plan.note;
  absl::PrintF("%s\n", document.dump(1));
}

absl::Status Supervised(const CrossvalArguments& arguments) {
  GRAYLING_ASSIGN_OR_RETURN(const Dataset dataset, ReadDataset(arguments.directory));
  CrossvalSettings settings;
  GRAYLING_ASSIGN_OR_RETURN(settings.by, ParseHoldOut(arguments.by));
  GRAYLING_ASSIGN_OR_RETURN(settings.fit, SettingsFrom(arguments.fit, dataset.period_s));
  settings.most_folds = arguments.most_folds;
  settings.processes = arguments.processes;
  // With --json the result alone goes to the standard output.
  auto line = std::make_unique<ProgressLine>(stderr, absl::Now());
  const absl::StatusOr<CrossvalResult> result =
      Crossvalidate(dataset, settings, [&](int done, int total, const std::string& text) {
        line->Update(done, total, text, absl::Now());
      });
  line.reset();
  GRAYLING_RETURN_IF_ERROR(result.status());
  GRAYLING_RETURN_IF_ERROR(WriteScores(result->runs, arguments.out));
  if (arguments.json) {
    PrintJson(*result, settings.fit.evaluation);
    return absl::OkStatus();
  }
  PrintFolds(*result, settings.fit.evaluation);
  absl::PrintF("\n%s\nScores written to %s\n",
               FormatEvaluations(Judge(result->runs, settings.fit.evaluation)), arguments.out);
  return absl::OkStatus();
}

std::string Protocol(const NoveltyFold& fold) {
  if (!fold.note.empty()) return fold.note;
  return fold.trained_on_heads ? "the first 15 % of each run (score 0 there)" : "its train runs";
}

absl::Status Unsupervised(const CrossvalArguments& arguments) {
  if (arguments.by != "group") {
    return absl::InvalidArgumentError(
        "without labels only groups can be told apart; use --unsupervised --by group");
  }
  GRAYLING_ASSIGN_OR_RETURN(const Dataset index, ReadDataset(arguments.directory, [](const Run&) {
                              return false;
                            }));  // for its period
  NoveltyCrossvalSettings settings;
  settings.false_alarms_per_hour = FalseAlarmBudget(arguments.fit, index.period_s);
  settings.threads = arguments.processes;
  GRAYLING_ASSIGN_OR_RETURN(settings.mode, ParseNoveltyMode(arguments.fit.mode));
  GRAYLING_ASSIGN_OR_RETURN(const NoveltyCrossvalResult result,
                            CrossvalidateNovelty(arguments.directory, settings));
  GRAYLING_RETURN_IF_ERROR(WriteScores(result.scored, arguments.out));
  EvaluationSettings evaluation = DefaultEvaluation(result.period_s);
  if (arguments.fit.margin_s) evaluation.margin_s = *arguments.fit.margin_s;
  const std::vector<NamedEvaluation> judged = Judge(result.scored, evaluation);
  if (arguments.json) {
    nlohmann::ordered_json document;
    document["detectors"] = ToJson(judged);
    for (const NoveltyFold& fold : result.folds) {
      document["folds"].push_back({{"group", fold.group},
                                   {"trained_on", Protocol(fold)},
                                   {"training_rows", fold.training_rows},
                                   {"threshold", fold.threshold},
                                   {"alarm_votes", fold.alarm_votes},
                                   {"alarm_rows", fold.alarm_rows}});
    }
    absl::PrintF("%s\n", document.dump(1));
    return absl::OkStatus();
  }
  absl::PrintF("%-32s | Training rows | Alarm rule       | Trained on, without labels\n", "Group");
  for (const NoveltyFold& fold : result.folds) {
    absl::PrintF(
        "%-32s | %13d | %-16s | %s\n", fold.group, fold.training_rows,
        absl::StrFormat("%d of %d >= %.2f", fold.alarm_votes, fold.alarm_rows, fold.threshold),
        Protocol(fold));
  }
  absl::PrintF("\n%s\nScores written to %s\n", FormatEvaluations(judged), arguments.out);
  return absl::OkStatus();
}

}  // namespace

void AddCrossvalCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand(
      "crossval",
      "Leave out each group, fault kind or intensity in turn, fit on the rest, and score what was "
      "left out: how good the detector is on what it has never seen. Every row of every run gets "
      "one score and one alarm; everything behind them (scales, inputs, network, threshold) comes "
      "from the other folds. With --unsupervised each group's train runs are learned "
      "without labels and its test runs are scored");
  const auto arguments = std::make_shared<CrossvalArguments>();
  command->add_option("DIR", arguments->directory, "folder with dataset.json")->required();
  command->add_option("--out", arguments->out, "CSV file to write: run,time,score,alarm")
      ->required();
  command
      ->add_option("--by", arguments->by,
                   "what is left out: group (other recordings), kind (faults of a kind never seen; "
                   "fault-free rows are left out in blocks, too) or intensity")
      ->check(CLI::IsMember({"group", "kind", "intensity"}))
      ->capture_default_str();
  AddFitOptions(*command, arguments->fit);
  command
      ->add_option(
          "--most-folds", arguments->most_folds,
          "with more groups or kinds, several are left out together [10; 5 for more than 20,000 "
          "rows]")
      ->check(CLI::Range(2, 1000));
  command->add_option("--processes", arguments->processes, "folds at a time [one per core]")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--json", arguments->json, "every metric, for programs");
  command->callback([arguments, &result] {
    result = arguments->fit.unsupervised ? Unsupervised(*arguments) : Supervised(*arguments);
  });
}

}  // namespace grayling

#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/commands/judged_runs.h"
#include "ml/commands/model_file.h"
#include "ml/core/baselines_rules.h"
#include "ml/core/detector.h"
#include "ml/core/evaluation_ranking.h"
#include "ml/core/evaluation_text.h"
#include "ml/trainer/blame.h"
#include "ml/trainer/fit_inputs.h"

namespace grayling {
namespace {

struct EvaluateArguments {
  std::string model;  // empty with scores
  std::string directory;
  std::string scores;
  std::string ranking;
  JudgeOptions judge;
  bool json = false;
};

struct Judgement {
  std::vector<NamedEvaluation> results;
  BlameResult blame;
  std::optional<RankingEvaluation> ranking;
  std::vector<std::string> remarks;
};

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) {
    return absl::NotFoundError(absl::StrCat(path, " cannot be read or is empty; check the name"));
  }
  return text.str();
}

absl::StatusOr<std::vector<ScoredRun>> ScoreWithModel(const std::string& path,
                                                      const Dataset& dataset,
                                                      const std::vector<const Run*>& runs,
                                                      const EvaluationSettings& settings,
                                                      BlameResult& blame) {
  GRAYLING_ASSIGN_OR_RETURN(const Model model, ReadModelFile(path));
  std::vector<ScoredRun> scored_runs;
  for (const Run* run : runs) {
    GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<Detector> detector,
                              DetectorFor(model, *run, dataset.columns));
    const std::vector<int> positions = InputPositions(*detector, dataset.columns);
    ScoredRun scored{run, {}, {}};
    BlameCount count(*run, detector->services(), settings);
    ForEachVerdict(*detector, *run, positions, [&](size_t row, const Verdict& verdict) {
      scored.scores.push_back(verdict.score);
      scored.alarms.push_back(verdict.alarm);
      count.Add(run->time[row], verdict, detector->service_scores());
    });
    scored_runs.push_back(std::move(scored));
    blame += count.Result();
  }
  return scored_runs;
}

absl::StatusOr<Judgement> Judge(const EvaluateArguments& arguments) {
  const bool has_model = arguments.scores.empty();
  GRAYLING_ASSIGN_OR_RETURN(const Dataset dataset, ReadDataset(arguments.directory));
  GRAYLING_ASSIGN_OR_RETURN(const JudgedRuns judged,
                            ChooseJudgedRuns(dataset, arguments.judge, arguments.directory));
  FullEvaluationSettings settings;
  settings.base = SettingsFrom(arguments.judge, dataset.period_s);
  settings.vus_window = arguments.judge.vus_window;
  Judgement judgement;
  std::vector<ScoredRun> scored;
  if (has_model) {
    GRAYLING_ASSIGN_OR_RETURN(scored, ScoreWithModel(arguments.model, dataset, judged.runs,
                                                     settings.base, judgement.blame));
    if (!judged.only_test && arguments.judge.split.empty()) {
      judgement.remarks.push_back(
          "No run has split \"test\": ALL runs are judged. If the model was fitted on them, these "
          "numbers say nothing about new recordings; see `grayling-ml crossval`.");
    }
  } else {
    GRAYLING_ASSIGN_OR_RETURN(JudgedScores scores,
                              ReadJudgedScores(arguments.scores, dataset, judged.runs));
    scored = std::move(scores.runs);
    if (!scores.remark.empty()) judgement.remarks.push_back(std::move(scores.remark));
  }
  judgement.results.push_back({has_model ? "model" : "scores", EvaluateFully(scored, settings)});
  RuleEvaluations rules = EvaluateSimpleRules(dataset, scored, settings);
  std::move(rules.rules.begin(), rules.rules.end(), std::back_inserter(judgement.results));
  std::move(rules.remarks.begin(), rules.remarks.end(), std::back_inserter(judgement.remarks));
  if (!arguments.ranking.empty()) {
    GRAYLING_ASSIGN_OR_RETURN(const std::string text, ReadText(arguments.ranking));
    GRAYLING_ASSIGN_OR_RETURN(judgement.ranking,
                              EvaluateRankings(text, arguments.ranking, judged.runs));
  }
  return judgement;
}

nlohmann::ordered_json ToJson(const LocalisationAccuracy& accuracy) {
  return {{"events", accuracy.events()},
          {"ac1", accuracy.At(1)},
          {"ac3", accuracy.At(3)},
          {"ac5", accuracy.At(5)},
          {"avg5", accuracy.Average()}};
}

void PrintJson(const Judgement& judgement) {
  nlohmann::ordered_json document;
  document["detectors"] = ToJson(absl::MakeConstSpan(judgement.results));
  document["blame"] = {{"events", judgement.blame.events}, {"right", judgement.blame.right}};
  if (judgement.ranking) {
    document["localisation"] = ToJson(judgement.ranking->all);
    for (const auto& [label, accuracy] : judgement.ranking->per_label) {
      document["localisation"]["per_label"][label] = ToJson(accuracy);
    }
  }
  document["remarks"] = judgement.remarks;
  absl::PrintF("%s\n", document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void PrintAccuracy(const std::string& name, const LocalisationAccuracy& accuracy) {
  absl::PrintF("%-24s | %6d | %4.2f | %4.2f | %4.2f | %5.2f\n", name, accuracy.events(),
               accuracy.At(1), accuracy.At(3), accuracy.At(5), accuracy.Average());
}

void PrintTables(const Judgement& judgement) {
  absl::PrintF("%s", FormatEvaluations(judgement.results));
  const BlameResult& blame = judgement.blame;
  if (blame.events > 0) {
    absl::PrintF("\nBlamed service, AC@1: %.2f (%d of %d events; a missed event counts as wrong)\n",
                 static_cast<double>(blame.right) / blame.events, blame.right, blame.events);
  }
  if (judgement.ranking) {
    absl::PrintF("\n%-24s | Events | AC@1 | AC@3 | AC@5 | Avg@5\n", "Localisation");
    PrintAccuracy("all", judgement.ranking->all);
    for (const auto& [label, accuracy] : judgement.ranking->per_label) {
      PrintAccuracy(label, accuracy);
    }
  }
  for (const std::string& remark : judgement.remarks) absl::PrintF("\nNote: %s\n", remark);
}

// With --scores the one path is the data set's.
absl::Status EvaluateAndPrint(EvaluateArguments arguments) {
  if (!arguments.scores.empty()) std::swap(arguments.model, arguments.directory);
  if (arguments.directory.empty() || arguments.model.empty() == arguments.scores.empty()) {
    return absl::InvalidArgumentError(
        "name a model and a data set: evaluate MODEL DIR, or scores and a data set: evaluate "
        "--scores scores.csv DIR");
  }
  GRAYLING_ASSIGN_OR_RETURN(const Judgement judgement, Judge(arguments));
  if (arguments.json) {
    PrintJson(judgement);
  } else {
    PrintTables(judgement);
  }
  return absl::OkStatus();
}

}  // namespace

void AddEvaluateCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand(
      "evaluate",
      "Judge a model, or scores from anywhere, on labelled runs beside simple rules.\n"
      "  evaluate MODEL DIR                 a model file on the folder with dataset.json\n"
      "  evaluate --scores scores.csv DIR   a CSV with the header run,time,score,alarm\n"
      "An event counts as found when an alarm falls between its start and its end plus the grace;\n"
      "false alarms are episodes that begin on fault-free time. Nothing is point-adjusted.");
  const auto arguments = std::make_shared<EvaluateArguments>();
  command->add_option("MODEL", arguments->model, "model file; left out with --scores");
  command->add_option("DIR", arguments->directory, "folder with dataset.json");
  command->add_option("--scores", arguments->scores, "CSV file: run,time,score,alarm");
  command->add_option("--ranking", arguments->ranking,
                      "JSON file of `localize --out`: adds AC@1, AC@3, AC@5 and Avg@5");
  AddJudgeOptions(*command, arguments->judge);
  command->add_flag("--json", arguments->json, "every metric, for programs");
  command->callback([arguments, &result] { result = EvaluateAndPrint(*arguments); });
}

}  // namespace grayling

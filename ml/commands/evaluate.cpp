#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/commands/model_file.h"
#include "ml/core/baselines.h"
#include "ml/core/detector.h"
#include "ml/trainer/blame.h"

namespace grayling {
namespace {

constexpr EvaluationSettings kSettings{2, 4};

struct EvaluateArguments {
  std::string model;
  std::string directory;
  bool json = false;
};

struct NamedResult {
  std::string name;
  Evaluation evaluation;
};

std::vector<const Run*> RunsOf(const Dataset& dataset, absl::string_view split) {
  std::vector<const Run*> runs;
  for (const Run& run : dataset.runs) {
    if (run.split == split) runs.push_back(&run);
  }
  return runs;
}

std::string Number(double value, int digits) {
  return std::isnan(value) ? "-" : absl::StrFormat("%.*f", digits, value);
}

void PrintTables(const std::vector<NamedResult>& results, const BlameResult& blame) {
  const Evaluation& first = results.front().evaluation;
  absl::PrintF(
      "Held-out rows: %d events, %.1f min fault-free (one false alarm is %.0f an hour), "
      "prevalence %.2f\n\n",
      first.events, 60 * first.fault_free_hours, 1 / first.fault_free_hours, first.prevalence);
  absl::PrintF("%-22s | Event recall | Median delay | False alarms/h | Precision | PR-AUC\n",
               "Detector");
  for (const auto& [name, e] : results) {
    absl::PrintF("%-22s | %12s | %10s s | %14s | %9s | %6s\n", name, Number(e.event_recall, 2),
                 Number(e.median_delay_s, 1),
                 absl::StrFormat("%s (%d)", Number(e.false_alarms_per_hour, 1), e.false_alarms),
                 Number(e.precision, 2), Number(e.pr_auc, 2));
  }
  absl::PrintF("\n%-22s", "Event recall by kind");
  for (const auto& [label, recall] : first.recall_per_label) absl::PrintF(" | %s", label);
  absl::PrintF("\n");
  for (const auto& [name, e] : results) {
    absl::PrintF("%-22s", name);
    for (const auto& [label, recall] : e.recall_per_label) {
      absl::PrintF(" | %*s", static_cast<int>(label.size()), Number(recall, 2));
    }
    absl::PrintF("\n");
  }
  if (blame.events > 0) {
    absl::PrintF("\nBlamed service, AC@1: %.2f (%d of %d events; a missed event counts as wrong)\n",
                 static_cast<double>(blame.right) / blame.events, blame.right, blame.events);
  }
}

nlohmann::ordered_json ToJson(const Evaluation& e) {
  return {{"events", e.events},
          {"detected", e.detected},
          {"event_recall", e.event_recall},
          {"median_delay_s", e.median_delay_s},
          {"p90_delay_s", e.p90_delay_s},
          {"false_alarms", e.false_alarms},
          {"fault_free_hours", e.fault_free_hours},
          {"false_alarms_per_hour", e.false_alarms_per_hour},
          {"precision", e.precision},
          {"recall", e.recall},
          {"f1", e.f1},
          {"accuracy", e.accuracy},
          {"pr_auc", e.pr_auc},
          {"prevalence", e.prevalence},
          {"recall_per_label", e.recall_per_label}};
}

void PrintJson(const std::vector<NamedResult>& results, const BlameResult& blame) {
  nlohmann::ordered_json document;
  for (const auto& [name, evaluation] : results) {
    nlohmann::ordered_json entry = {{"name", name}};
    entry.update(ToJson(evaluation));
    document["detectors"].push_back(std::move(entry));
  }
  document["blame"] = {{"events", blame.events}, {"right", blame.right}};
  absl::PrintF("%s\n", document.dump(1));
}

absl::Status EvaluateModel(const EvaluateArguments& arguments) {
  GRAYLING_ASSIGN_OR_RETURN(const Model model, ReadModelFile(arguments.model));
  GRAYLING_ASSIGN_OR_RETURN(const Dataset dataset, ReadDataset(arguments.directory));
  GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<Detector> detector, Detector::Create(model));
  const std::vector<const Run*> test = RunsOf(dataset, "test");
  if (test.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("no run of \"", arguments.directory,
                     "\" has split \"test\", so there is nothing held out to judge by; mark one in "
                     "dataset.json"));
  }
  const std::vector<int> positions = InputPositions(*detector, dataset.columns);
  std::vector<ScoredRun> lstm, always;
  BlameResult blame;
  for (const Run* run : test) {
    ScoredRun scored{run, {}, {}};
    BlameCount count(*run, detector->services(), kSettings);
    ForEachVerdict(*detector, *run, positions, [&](size_t row, const Verdict& verdict) {
      scored.scores.push_back(verdict.score);
      scored.alarms.push_back(verdict.alarm);
      count.Add(run->time[row], verdict, detector->service_scores());
    });
    lstm.push_back(std::move(scored));
    always.push_back(AlwaysAlarm(*run));
    blame += count.Result();
  }
  std::vector<NamedResult> results = {{"LSTM", Evaluate(lstm, kSettings)},
                                      {"always alarm", Evaluate(always, kSettings)}};
  const absl::StatusOr<size_t> column = ClientLatencyColumn(dataset.columns);
  if (column.ok()) {
    GRAYLING_ASSIGN_OR_RETURN(
        const LatencyRule rule,
        FitLatencyRule(RunsOf(dataset, "train"), *column, kSettings.recovery_s));
    std::vector<ScoredRun> by_latency;
    for (const Run* run : test) by_latency.push_back(ScoreByLatency(*run, rule));
    results.push_back({"client p99 > its p99", Evaluate(by_latency, kSettings)});
  }
  if (arguments.json) {
    PrintJson(results, blame);
    return absl::OkStatus();
  }
  PrintTables(results, blame);
  if (!column.ok()) absl::PrintF("\nNo latency rule: %s\n", column.status().message());
  return absl::OkStatus();
}

}  // namespace

void AddEvaluateCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand(
      "evaluate", "Judge a model on the runs with split \"test\", beside baselines");
  const auto arguments = std::make_shared<EvaluateArguments>();
  command->add_option("MODEL", arguments->model, "model file")->required();
  command->add_option("DIR", arguments->directory, "folder with dataset.json")->required();
  command->add_flag("--json", arguments->json, "every metric, for programs");
  command->callback([arguments, &result] { result = EvaluateModel(*arguments); });
}

}  // namespace grayling

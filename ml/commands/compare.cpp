#include "ml/trainer/compare.h"

#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/trainer/progress.h"

namespace grayling {
namespace {

struct CompareArguments {
  std::string directory;
  int seeds = 3;
  int epochs = 30;
  uint64_t seed = 1;
  std::optional<double> false_alarms_per_hour;
  std::optional<double> margin_s;
  int features = 24;
  int threads = 0;
  bool ablate = false;
  bool json = false;
};

nlohmann::ordered_json ToJson(const CompareRow& row) {
  return {{"detector", row.name},
          {"parameters", row.parameters},
          {"epoch_cpu_s", row.epoch_s},
          {"row_cpu_us", row.row_us},
          {"pr_auc", row.pr_auc},
          {"event_recall", row.event_recall},
          {"false_alarms_per_hour", row.false_alarms_per_hour},
          {"false_row_share", row.false_row_share},
          {"median_delay_s", row.median_delay_s}};
}

nlohmann::ordered_json ToJson(const ThresholdRow& row) {
  return {{"threshold", row.threshold},
          {"precision", row.precision},
          {"recall", row.recall},
          {"f1", row.f1},
          {"accuracy", row.accuracy}};
}

void PrintJson(const CompareResult& result) {
  nlohmann::ordered_json document = {{"folds", result.folds},
                                     {"events", result.events},
                                     {"false_alarms_per_hour_allowed", result.budget},
                                     {"detectors", nlohmann::json::array()}};
  for (const CompareRow& row : result.rows) document["detectors"].push_back(ToJson(row));
  for (const AblationRow& row : result.ablation) {
    document["ablation"].push_back({{"loss", row.loss},
                                    {"positive_weight_cap", row.positive_weight_cap},
                                    {"pr_auc", row.pr_auc.mean},
                                    {"pr_auc_deviation", row.pr_auc.deviation},
                                    {"at_half", ToJson(row.at_half)},
                                    {"best_f1", ToJson(row.best)},
                                    {"event_recall", row.at_budget.event_recall}});
  }
  document["notes"] = result.notes;
  absl::PrintF("%s\n", document.dump(1));
}

void PrintTables(const CompareResult& result, int seeds) {
  absl::PrintF(
      "Rows that no detector saw: %d folds, %d events, %d seeds. Event recall and delay at the "
      "threshold that finds most events with at most %.2f false alarms/h, chosen on these rows for "
      "every detector alike. Times are CPU time of one core.\n%s",
      result.folds, result.events, seeds, result.budget, FormatComparison(result.rows));
  if (!result.ablation.empty()) {
    absl::PrintF("\nLoss, class weight and threshold, LSTM (thresholds on the first seed):\n%s",
                 FormatAblation(result.ablation));
  }
  for (const std::string& note : result.notes) absl::PrintF("Note: %s\n", note);
}

absl::Status Compare(const CompareArguments& arguments) {
  GRAYLING_ASSIGN_OR_RETURN(const Dataset dataset, ReadDataset(arguments.directory));
  CompareSettings settings;
  settings.fit = DefaultFit(dataset.period_s);
  settings.fit.selection.count = arguments.features;
  if (arguments.false_alarms_per_hour) {
    settings.fit.targets.false_alarms_per_hour = *arguments.false_alarms_per_hour;
  }
  if (arguments.margin_s) settings.fit.evaluation.margin_s = *arguments.margin_s;
  settings.network.epochs = arguments.epochs;
  settings.network.seed = arguments.seed;
  settings.seeds = arguments.seeds;
  settings.threads = arguments.threads;
  settings.ablate = arguments.ablate;
  std::unique_ptr<ProgressLine> line;
  const auto progress = [&line](int done, int total, const std::string& text) {
    if (!line) line = std::make_unique<ProgressLine>(stderr, absl::Now());
    line->Update(done, total, text, absl::Now());
  };
  const absl::StatusOr<CompareResult> result = CompareDetectors(dataset, settings, progress);
  line.reset();
  GRAYLING_RETURN_IF_ERROR(result.status());
  if (arguments.json) {
    PrintJson(*result);
  } else {
    PrintTables(*result, arguments.seeds);
  }
  return absl::OkStatus();
}

}  // namespace

void AddCompareCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand(
      "compare",
      "Train several kinds of detectors on the same folds of a labelled data set and print them in "
      "one table: size, time, PR-AUC, event recall, delay. Whole groups of runs are held out in "
      "turn. To learn which network suits the data; `fit --arch` then trains it.");
  const auto arguments = std::make_shared<CompareArguments>();
  command->add_option("DIR", arguments->directory, "folder with dataset.json")->required();
  command
      ->add_option("--seeds", arguments->seeds,
                   "trainings per detector and fold; PR-AUC is printed with its deviation")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--epochs", arguments->epochs, "epochs of every network")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command->add_flag("--ablate", arguments->ablate,
                    "also compare losses and class weights on the LSTM, with thresholds");
  command->add_option("--false-alarms-per-hour", arguments->false_alarms_per_hour,
                      "most false alarms an hour for the event recall column [as in fit]");
  command
      ->add_option("--margin", arguments->margin_s,
                   "seconds around the first to the last fault of a run that are judged [all]")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--features", arguments->features, "most inputs of a network")
      ->check(CLI::Range(1, 512))
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "the first seed")->capture_default_str();
  command->add_option("--threads", arguments->threads, "folds at a time; 0: one per core")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "print JSON instead of tables");
  command->callback([arguments, &result] { result = Compare(*arguments); });
}

}  // namespace grayling

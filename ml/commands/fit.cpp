#include "ml/trainer/fit.h"

#include <memory>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/commands/model_file.h"
#include "ml/trainer/math_threads.h"
#include "ml/trainer/progress.h"

namespace grayling {
namespace {

struct FitArguments {
  std::string directory;
  std::string out;
  std::string criterion = "f";
  FitSettings settings;
};

void PrintReport(const FitReport& report, const OperatingTargets& targets) {
  absl::PrintF("\n%-56s | %-16s | Relevance\n", "Input", "Picked for");
  for (const ChosenInput& input : report.inputs) {
    absl::PrintF("%-56s | %-16s | %9.3f\n", input.feature, input.kind, input.relevance);
  }
  absl::PrintF("\nOut-of-fold scores (%d folds, %d epochs), training groups only:\n%s\n",
               report.folds, report.epochs, FormatThresholdTable(report.table));
  const OperatingPoint& point = report.point;
  absl::PrintF(
      "Operating point: score >= %.2f in %d of %d rows: event recall %.2f (%d of %d), "
      "%.1f false alarms/h (%d in %.2f h), precision %.2f; each event counted once for each of %d "
      "networks\n",
      point.threshold, point.alarm_votes, point.alarm_rows, point.evaluation.event_recall,
      point.evaluation.detected, point.evaluation.events, point.evaluation.false_alarms_per_hour,
      point.evaluation.false_alarms, point.evaluation.fault_free_hours, point.evaluation.precision,
      report.repeats);
  if (!point.meets_targets) {
    absl::PrintF(
        "No operating point reaches event recall %.2f with at most %.0f false alarms/h out of "
        "fold; "
        "this is the best compromise (largest F2 of events).\n",
        targets.event_recall, targets.false_alarms_per_hour);
  }
}

absl::Status Fit(const FitArguments& arguments) {
  absl::PrintF("Math threads: %s\n", Describe(UseOneMathThread()));
  GRAYLING_ASSIGN_OR_RETURN(const Dataset dataset, ReadDataset(arguments.directory));
  std::unique_ptr<ProgressLine> line;
  const auto progress = [&line](int done, int total, const std::string& text) {
    if (!line) line = std::make_unique<ProgressLine>(stdout, absl::Now());
    line->Update(done, total, text, absl::Now());
  };
  absl::StatusOr<FitReport> report = FitModel(dataset, arguments.settings, progress);
  line.reset();
  GRAYLING_RETURN_IF_ERROR(report.status());
  PrintReport(*report, arguments.settings.targets);
  GRAYLING_RETURN_IF_ERROR(WriteModelFile(report->model, arguments.out));
  absl::PrintF("Model written to %s\n", arguments.out);
  return absl::OkStatus();
}

}  // namespace

void AddFitCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command =
      app.add_subcommand("fit", "Train a detector on the training runs of a data set");
  const auto arguments = std::make_shared<FitArguments>();
  FitSettings& settings = arguments->settings;
  command->add_option("DIR", arguments->directory, "folder with dataset.json")->required();
  command->add_option("--out", arguments->out, "model file to write")->required();
  command->add_option("--seed", settings.network.seed, "seed of every random choice")
      ->capture_default_str();
  command->add_option("--hidden", settings.network.hidden, "units of the LSTM")
      ->check(CLI::Range(1, 512))
      ->capture_default_str();
  command->add_option("--features", settings.selection.count, "most inputs of the network")
      ->check(CLI::Range(1, 512))
      ->capture_default_str();
  command->add_option("--epochs", settings.network.epochs, "most epochs")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command
      ->add_option("--selection", arguments->criterion,
                   "how inputs are chosen: f (F test over correlation) or mi (mutual information)")
      ->check(CLI::IsMember({"f", "mi"}))
      ->capture_default_str();
  command->callback([arguments, &result] {
    if (arguments->criterion == "mi") {
      arguments->settings.selection.criterion = SelectionCriterion::kMutualInformationDifference;
    }
    result = Fit(*arguments);
  });
}

}  // namespace grayling

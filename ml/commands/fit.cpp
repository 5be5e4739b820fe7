#include "ml/trainer/fit.h"

#include <algorithm>
#include <csignal>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/commands/fit_options.h"
#include "ml/commands/model_file.h"
#include "ml/core/dataset_hash.h"
#include "ml/trainer/math_threads.h"
#include "ml/trainer/progress.h"

namespace grayling {
namespace {

struct FitArguments {
  std::string directory;
  std::string out;
  std::string checkpoint;
  FitOptions fit;
};

// Set by Ctrl-C. A signal handler can reach nothing else.
std::atomic<bool> stop_requested = false;

// The first Ctrl-C asks for the model so far, the second ends the program.
class StopOnInterrupt {
 public:
  StopOnInterrupt() {
    struct sigaction action = {};
    action.sa_handler = [](int) { stop_requested = true; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, &before_);
  }
  ~StopOnInterrupt() { sigaction(SIGINT, &before_, nullptr); }
  StopOnInterrupt(const StopOnInterrupt&) = delete;
  StopOnInterrupt& operator=(const StopOnInterrupt&) = delete;

 private:
  struct sigaction before_ = {};
};

void PrintReport(const FitReport& report, const FitSettings& settings) {
  const OperatingTargets& targets = settings.targets;
  absl::PrintF("\n%-56s | %-16s | Relevance\n", "Input", "Picked for");
  for (const ChosenInput& input : report.inputs) {
    absl::PrintF("%-56s | %-16s | %9.3f\n", input.feature, input.kind, input.relevance);
  }
  if (report.trials.size() > 1) {
    absl::PrintF("\n%-12s | Epochs | PR-AUC on held-out groups\n", "Network");
    for (const NetworkTrial& trial : report.trials) {
      absl::PrintF("%-12s | %6d | %.3f +- %.3f%s\n", trial.network, trial.epochs, trial.pr_auc,
                   trial.standard_error, trial.network == report.network ? "  <- taken" : "");
    }
  }
  absl::PrintF("\nOut-of-fold scores of %s (%d folds, %d epochs), training groups only:\n%s\n",
               report.network, report.folds, report.epochs, FormatThresholdTable(report.table));
  const OperatingPoint& point = report.point;
  absl::PrintF(
      "Operating point: score >= %.3f in %d of %d rows: event recall %.2f (%d of %d), "
      "%.1f false alarms/h (%d in %.2f h), precision %.2f\n",
      point.threshold, point.alarm_votes, point.alarm_rows, point.evaluation.event_recall,
      point.evaluation.detected, point.evaluation.events, point.evaluation.false_alarms_per_hour,
      point.evaluation.false_alarms, point.evaluation.fault_free_hours, point.evaluation.precision);
  if (!point.meets_targets && !settings.conformal_miss_rate) {
    absl::PrintF(
        "No operating point reaches event recall %.2f with at most %.1f false alarms/h out of "
        "fold; this is the best that keeps the budget, or else the best compromise (largest F2 of "
        "events).\n",
        targets.event_recall, targets.false_alarms_per_hour);
  }
  for (const std::string& note : report.notes) absl::PrintF("Note: %s\n", note);
}

// Completes the model's origin and writes it.
absl::Status Write(Model model, const FitArguments& arguments) {
  Provenance& origin = model.provenance;
  GRAYLING_ASSIGN_OR_RETURN(origin.dataset_hash, HashDirectory(arguments.directory));
  origin.created_s = absl::ToUnixSeconds(absl::Now());
  origin.program = "grayling-ml";
  GRAYLING_RETURN_IF_ERROR(WriteModelFile(model, arguments.out));
  absl::PrintF("Model written to %s\n", arguments.out);
  return absl::OkStatus();
}

absl::Status FitUnsupervised(const FitArguments& arguments, const Dataset& dataset) {
  NoveltySettings settings;
  settings.period_s = dataset.period_s;
  settings.false_alarms_per_hour = FalseAlarmBudget(arguments.fit, dataset.period_s);
  GRAYLING_ASSIGN_OR_RETURN(settings.mode, ParseNoveltyMode(arguments.fit.mode));
  const bool has_split = std::any_of(dataset.runs.begin(), dataset.runs.end(),
                                     [](const Run& run) { return !run.split.empty(); });
  std::vector<const Run*> runs;
  Model model;
  Provenance& origin = model.provenance;
  for (const Run& run : dataset.runs) {
    if (has_split && run.split != "train") continue;
    runs.push_back(&run);
    origin.rows += static_cast<int64_t>(run.time.size());
    const std::string& group = run.group.empty() ? run.id : run.group;
    if (std::find(origin.groups.begin(), origin.groups.end(), group) == origin.groups.end()) {
      origin.groups.push_back(group);
    }
  }
  GRAYLING_ASSIGN_OR_RETURN(model.novelty, FitNovelty(dataset.columns, runs, settings));
  model.description = absl::StrCat("novelty (", arguments.fit.mode, ") on ", dataset.name);
  model.period_s = dataset.period_s;
  origin.dataset = dataset.name;
  origin.runs = static_cast<int64_t>(runs.size());
  origin.architecture = absl::StrCat("novelty ", arguments.fit.mode);
  absl::PrintF(
      "Fitted on %d runs, %d rows, %d columns, without labels. Alarm: strangeness >= %.2f in %d of "
      "%d rows, aiming at %.1f false alarms/h.\n",
      origin.runs, origin.rows, model.novelty->columns.size(), model.novelty->threshold,
      model.novelty->alarm_votes, model.novelty->alarm_rows, settings.false_alarms_per_hour);
  return Write(std::move(model), arguments);
}

absl::Status Fit(const FitArguments& arguments) {
  absl::PrintF("Math threads: %s\n", Describe(UseOneMathThread()));
  GRAYLING_ASSIGN_OR_RETURN(const Dataset dataset, ReadDataset(arguments.directory));
  if (arguments.fit.unsupervised) return FitUnsupervised(arguments, dataset);
  GRAYLING_ASSIGN_OR_RETURN(FitSettings settings, SettingsFrom(arguments.fit, dataset.period_s));
  settings.checkpoint = arguments.checkpoint;
  settings.stop = &stop_requested;
  auto line = std::make_unique<ProgressLine>(stdout, absl::Now());
  absl::StatusOr<FitReport> report = absl::UnknownError("");
  {
    const StopOnInterrupt stop;
    report = FitModel(dataset, settings, [&](int done, int total, const std::string& text) {
      line->Update(done, total, text, absl::Now());
    });
  }
  line.reset();
  GRAYLING_RETURN_IF_ERROR(report.status());
  PrintReport(*report, settings);
  return Write(std::move(report->model), arguments);
}

}  // namespace

void AddFitCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand(
      "fit",
      "Train a detector on the runs of a data set with split \"train\" (on all runs when none has "
      "a "
      "split). Groups are left out in turn to choose network, epochs, calibration and threshold; "
      "then the network is trained on all of them. Ctrl-C writes the model so far");
  const auto arguments = std::make_shared<FitArguments>();
  command->add_option("DIR", arguments->directory, "folder with dataset.json")->required();
  command->add_option("--out", arguments->out, "model file to write")->required();
  AddFitOptions(*command, arguments->fit);
  command->add_option("--resume,--checkpoint", arguments->checkpoint,
                      "file that keeps the state of the final training after every epoch; where it "
                      "exists, that training goes on from it");
  command->callback([arguments, &result] { result = Fit(*arguments); });
}

}  // namespace grayling

#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/commands/localize_output.h"
#include "ml/commands/model_file.h"
#include "ml/commands/whole_file.h"
#include "ml/core/detector.h"
#include "ml/trainer/fit_inputs.h"

namespace grayling {
namespace {

struct LocalizeArguments {
  std::string directory;
  std::string out;
  std::string run;
  std::string model;
  double start = std::nan("");
  bool events = false;
  bool json = false;
};

// The mean score of each service over each fault's rows, from one pass over the run.
absl::StatusOr<std::vector<std::vector<ServiceScore>>> MeanScores(
    const Model& model, const Dataset& dataset, const Run& run, const std::vector<double>& starts) {
  GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<Detector> detector,
                            DetectorFor(model, run, dataset.columns));
  std::vector<LocaliseRows> rows;
  std::vector<std::vector<ServiceScore>> scores(starts.size());
  for (size_t i = 0; i < starts.size(); ++i) {
    rows.push_back(RowsAround(run, starts[i], dataset.period_s, {}));
    for (const std::string& service : detector->services()) scores[i].push_back({service, 0});
  }
  const std::vector<int> positions = InputPositions(*detector, dataset.columns);
  ForEachVerdict(*detector, run, positions, [&](size_t row, const Verdict&) {
    for (size_t i = 0; i < starts.size(); ++i) {
      if (row < rows[i].begin || row >= rows[i].end) continue;
      const auto count = static_cast<float>(rows[i].end - rows[i].begin);
      for (size_t s = 0; s < scores[i].size(); ++s) {
        scores[i][s].score += detector->service_scores()[s] / count;
      }
    }
  });
  return scores;
}

absl::StatusOr<std::vector<const Run*>> ChooseRuns(const Dataset& dataset,
                                                   const LocalizeArguments& arguments) {
  std::vector<const Run*> runs;
  for (const Run& run : dataset.runs) {
    if (arguments.run.empty() || run.id == arguments.run) runs.push_back(&run);
  }
  if (runs.empty()) {
    return absl::NotFoundError(absl::StrCat("no run of \"", arguments.directory, "\" is called \"",
                                            arguments.run, "\"; `describe` lists them"));
  }
  if (!std::isnan(arguments.start) && runs.size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", arguments.directory, "\" has ", runs.size(),
                     " runs, so --start alone is not enough; name one with --run"));
  }
  return runs;
}

std::vector<LocalisedFault> FaultsOf(const Run& run, double start) {
  std::vector<LocalisedFault> faults;
  if (!std::isnan(start)) {
    faults.push_back({run.id, start, "", "", {}});
    return faults;
  }
  for (const LabelWindow& window : run.windows)
    faults.push_back({run.id, window.start, window.label, window.service, {}});
  return faults;
}

absl::StatusOr<std::vector<LocalisedFault>> LocaliseRun(const Dataset& dataset, const Run& run,
                                                        double start, const Model* model) {
  std::vector<LocalisedFault> faults = FaultsOf(run, start);
  std::vector<std::vector<ServiceScore>> scores(faults.size());
  if (model != nullptr) {
    std::vector<double> starts;
    for (const LocalisedFault& fault : faults) starts.push_back(fault.start);
    GRAYLING_ASSIGN_OR_RETURN(scores, MeanScores(*model, dataset, run, starts));
  }
  for (size_t i = 0; i < faults.size(); ++i) {
    absl::StatusOr<Localisation> found = Localise(dataset, run, faults[i].start, {}, scores[i]);
    // A labelled fault outside the rows is a miss, not the end of the others.
    if (absl::IsOutOfRange(found.status()) && std::isnan(start)) continue;
    GRAYLING_RETURN_IF_ERROR(found.status());
    faults[i].found = *std::move(found);
  }
  return faults;
}

absl::Status Localize(const LocalizeArguments& arguments) {
  GRAYLING_ASSIGN_OR_RETURN(const Dataset dataset, ReadDataset(arguments.directory));
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<const Run*> runs, ChooseRuns(dataset, arguments));
  std::optional<Model> model;
  if (!arguments.model.empty()) {
    GRAYLING_ASSIGN_OR_RETURN(model, ReadModelFile(arguments.model));
  }
  std::vector<LocalisedFault> faults;
  for (const Run* run : runs) {
    GRAYLING_ASSIGN_OR_RETURN(
        std::vector<LocalisedFault> found,
        LocaliseRun(dataset, *run, arguments.start, model ? &*model : nullptr));
    for (LocalisedFault& fault : found) faults.push_back(std::move(fault));
  }
  if (faults.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("\"", arguments.directory,
                     "\" has no labelled fault; give the start of one with --start and --run"));
  }
  if (!arguments.out.empty()) {
    GRAYLING_RETURN_IF_ERROR(WriteWholeFile(
        arguments.out, "the rankings", [&](std::ostream& out) { out << RankingsAsJson(faults); }));
  }
  const LocalisationSummary summary = Summarise(faults);
  if (arguments.json) {
    absl::PrintF("%s", ReportAsJson(faults, summary, dataset));
    return absl::OkStatus();
  }
  if (!std::isnan(arguments.start)) {
    absl::PrintF("%s", FormatEvidence(faults.front(), dataset));
    return absl::OkStatus();
  }
  if (arguments.events) absl::PrintF("%s\n", FormatFaults(faults));
  absl::PrintF("%s", FormatSummary(summary));
  return absl::OkStatus();
}

}  // namespace

void AddLocalizeCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand(
      "localize",
      "Rank the services of a data set by how likely each caused a fault.\n"
      "Compares the first rows of the fault (4 minutes; at least 4, at most 240 rows) with the "
      "rows "
      "before it (an hour; at least 60, at most 600 rows; earlier labelled faults left out). The "
      "strongest evidence is the callers' view: columns caller>callee/latency. Without such "
      "columns "
      "the services' own metrics decide, helped by the list of \"edges\" in dataset.json.\n"
      "By default every labelled fault is ranked and, where the true service is known, AC@k is "
      "printed; a window's label, service and metrics are never used for the ranking.");
  const auto arguments = std::make_shared<LocalizeArguments>();
  command->add_option("DIR", arguments->directory, "folder with dataset.json")->required();
  command->add_option("--out", arguments->out,
                      "file for the rankings: [{\"run\", \"start\", \"ranking\": [..]}]");
  command->add_option("--run", arguments->run, "only this run");
  command->add_option("--start", arguments->start,
                      "rank this one fault, by its start in the run's time (seconds), and print "
                      "the evidence");
  command->add_option(
      "--model", arguments->model,
      "a model file: its scores per service join the evidence. AC@k of faults that the "
      "model was fitted on flatters it");
  command->add_flag("--events", arguments->events, "one line for every fault as well");
  command->add_flag("--json", arguments->json, "everything with its evidence, for programs");
  command->callback([arguments, &result] { result = Localize(*arguments); });
}

}  // namespace grayling

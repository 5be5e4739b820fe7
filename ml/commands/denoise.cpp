#include <algorithm>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "ml/adjuster/host_state.h"
#include "ml/commands/commands.h"
#include "ml/commands/denoise_tables.h"

namespace grayling {
namespace {

struct DenoiseArguments {
  std::string directory;
  std::string out;
  std::string profile = "robust";
  std::string per = "entity";
  std::vector<std::string> baseline;
  std::optional<double> threshold;
  std::optional<int> longest_spike;
  bool hindsight = false;
  bool mask = false;
  std::string adjust;
  std::string host = "auto";
  int host_window = 5;
  bool stability = false;
  std::vector<std::string> kpis;
  DenoiseView view;
};

constexpr char kFooter[] =
    "Without --adjust or --stability it repairs isolated spikes in every series. Window and "
    "threshold of each series follow its own fault-free rows: small window and high threshold for "
    "variable series, large window and low threshold for nearly constant ones. Steps and ramps are "
    "never repaired, and neither is restlessness that the fault-free rows show as well. Rows are "
    "cleaned as a live detector would see them, without a look ahead: a step shows one or two rows "
    "late (--longest-spike), and --hindsight undoes that for files that people read.\n\n"
    "Fitted on: the runs named by --baseline, else the runs with split \"train\", else all runs; "
    "of "
    "them only rows outside fault windows.\n\n"
    "--profile classic is the public windowed adaptation of TUNA, exactly, for comparison. Its "
    "random forest is left out, because it is told the experiment's name.\n\n"
    "Examples:\n"
    "  grayling-ml denoise DIR --explain                    what would be repaired, and why\n"
    "  grayling-ml denoise DIR --out CLEAN --mask           write a cleaned data set with masks\n"
    "  grayling-ml denoise DIR --adjust front_latency_p95_seconds --out CLEAN\n"
    "  grayling-ml denoise DIR --stability                  are repeated runs alike?\n";

std::string BaselineInWords(const Dataset& dataset, const std::vector<size_t>& runs,
                            const DenoiseArguments& arguments) {
  if (!arguments.baseline.empty()) {
    return absl::StrCat("the fault-free rows of ", absl::StrJoin(arguments.baseline, ", "));
  }
  if (dataset.runs[runs.front()].split == "train") {
    return absl::StrCat("the fault-free rows of the ", runs.size(), " runs with split \"train\"");
  }
  return "the fault-free rows of all runs (none has split \"train\"; --baseline names some)";
}

absl::Status WriteOut(const Dataset& dataset, const DenoiseArguments& arguments) {
  if (arguments.out.empty()) return absl::OkStatus();
  std::error_code error;
  if (std::filesystem::equivalent(arguments.out, arguments.directory, error)) {
    return absl::InvalidArgumentError(
        "--out names the data set that is read; name another folder, the original is kept");
  }
  return WriteDataset(dataset, arguments.out);
}

absl::Status Adjust(Dataset& dataset, const std::vector<size_t>& baseline,
                    const DenoiseArguments& arguments) {
  const auto kpi = std::find(dataset.columns.begin(), dataset.columns.end(), arguments.adjust);
  if (kpi == dataset.columns.end()) {
    return absl::InvalidArgumentError(absl::StrCat("there is no column \"", arguments.adjust,
                                                   "\" in \"", arguments.directory,
                                                   "\" to adjust"));
  }
  NoiseAdjusterSettings settings;
  settings.kpi = static_cast<size_t>(kpi - dataset.columns.begin());
  settings.window = arguments.host_window;
  settings.recovery_s = kRecoveryRows * dataset.period_s;
  GRAYLING_ASSIGN_OR_RETURN(settings.host_columns,
                            HostColumns(dataset.columns, settings.kpi, arguments.host));
  std::vector<std::string> hosts;
  for (const size_t column : settings.host_columns) hosts.push_back(dataset.columns[column]);
  GRAYLING_ASSIGN_OR_RETURN(const NoiseAdjustment adjustment,
                            AdjustKpi(dataset, baseline, settings));
  GRAYLING_RETURN_IF_ERROR(WriteOut(dataset, arguments));
  absl::PrintF("%s", FormatAdjustment(adjustment, arguments.adjust, hosts, arguments.view));
  return absl::OkStatus();
}

absl::Status RunDenoise(const DenoiseArguments& arguments) {
  GRAYLING_ASSIGN_OR_RETURN(Dataset dataset, ReadDataset(arguments.directory));
  if (dataset.runs.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", arguments.directory, "\" holds no runs, so there is nothing to clean"));
  }
  if (arguments.stability) {
    const double threshold = arguments.threshold.value_or(kUnstableRange);
    GRAYLING_ASSIGN_OR_RETURN(const std::vector<RunStability> results,
                              StabilityOfRuns(dataset, arguments.kpis, threshold));
    absl::PrintF("%s", FormatStability(results, threshold, arguments.view));
    return absl::OkStatus();
  }
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<size_t> baseline,
                            BaselineRuns(dataset, arguments.baseline));
  if (!arguments.adjust.empty()) return Adjust(dataset, baseline, arguments);
  if (arguments.profile == "classic") {
    const std::vector<ClassicReport> reports = DenoiseClassic(dataset, arguments.mask);
    GRAYLING_RETURN_IF_ERROR(WriteOut(dataset, arguments));
    absl::PrintF("%s", FormatClassic(reports, arguments.view));
    return absl::OkStatus();
  }
  DenoiseSettings settings;
  settings.scope = arguments.per == "run" ? CleaningScope::kRun : CleaningScope::kEntity;
  settings.baseline = arguments.baseline;
  settings.threshold = arguments.threshold;
  settings.longest_spike = arguments.longest_spike;
  settings.hindsight = arguments.hindsight;
  settings.mask = arguments.mask;
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<SeriesReport> reports, Denoise(dataset, settings));
  GRAYLING_RETURN_IF_ERROR(WriteOut(dataset, arguments));
  absl::PrintF(
      "%s", FormatRobust(reports, BaselineInWords(dataset, baseline, arguments), arguments.view));
  return absl::OkStatus();
}

}  // namespace

void AddDenoiseCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand(
      "denoise", "Repair isolated spikes, divide out host noise, or find unstable runs");
  const auto arguments = std::make_shared<DenoiseArguments>();
  command->add_option("DIR", arguments->directory, "folder with dataset.json")->required();
  command->add_option("--out", arguments->out,
                      "folder for the cleaned data set; without it nothing is written");
  command->add_flag("--explain", arguments->view.explain,
                    "a line per series: variability, window, threshold, shares, why");
  command->add_flag("--json", arguments->view.json, "every number, for programs");
  command->add_option("--profile", arguments->profile, "how to find outliers")
      ->check(CLI::IsMember({"robust", "classic"}))
      ->capture_default_str();
  command->add_flag("--mask", arguments->mask,
                    "add columns <column>#mask: 0 normal, 1 oscillation, 2 spike (repaired), 3 "
                    "shift; classic: 1 penalised");
  command->add_option("--baseline", arguments->baseline,
                      "ids or groups of the runs to fit on (default: see below)");
  command
      ->add_option("--per", arguments->per,
                   "one baseline for all runs of an entity, or one for each run")
      ->check(CLI::IsMember({"entity", "run"}))
      ->capture_default_str();
  command->add_option("--threshold", arguments->threshold,
                      "on the relative range, instead of the fitted ones; with --stability 0.3 "
                      "unless given");
  command->add_option("--longest-spike", arguments->longest_spike,
                      "rows that may be repaired in a row, 0 to 2 (default: 1, or 2 where the "
                      "baseline's own spikes last two rows; never more than a quarter of the "
                      "shortest known fault)");
  command->add_flag("--hindsight", arguments->hindsight,
                    "look at the rows after, too: steps stay exact; not what a live detector sees");
  CLI::Option* adjust = command->add_option(
      "--adjust", arguments->adjust,
      "KPI column: fit its deviation on host state and divide that out; adds <column>#residual");
  command
      ->add_option("--host", arguments->host,
                   "host columns for --adjust, separated by commas, '*' for any characters")
      ->needs(adjust)
      ->capture_default_str();
  command
      ->add_option("--host-window", arguments->host_window,
                   "rows of host state that --adjust looks back")
      ->needs(adjust)
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  CLI::Option* stability =
      command->add_flag("--stability", arguments->stability,
                        "only compare repetitions (runs of one entity with the same fault labels)");
  stability->excludes(adjust);
  command->add_option("--kpi", arguments->kpis, "columns that --stability compares (default: all)")
      ->needs(stability);
  command->footer(kFooter);
  command->callback([arguments, &result] { result = RunDenoise(*arguments); });
}

}  // namespace grayling

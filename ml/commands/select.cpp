#include <algorithm>
#include <memory>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/commands/select_output.h"

namespace grayling {
namespace {

constexpr int kMostCounted = 48;

struct SelectArguments {
  std::string directory;
  std::string criterion = "fcq";
  std::string relevance = "own";
  std::string count = "auto";
  int bins = 5;
  double least_relevance = 0.05;
  bool all_runs = false;
  bool json = false;
};

struct CriterionName {
  const char* name;
  SelectionCriterion criterion;
  const char* own_relevance;
};
constexpr CriterionName kCriteria[] = {
    {"fcq", SelectionCriterion::kFRatioQuotient, "f"},
    {"fcd", SelectionCriterion::kFRatioDifference, "f"},
    {"mid", SelectionCriterion::kMutualInformationDifference, "mi"},
    {"miq", SelectionCriterion::kMutualInformationQuotient, "mi"},
    {"rfcq", SelectionCriterion::kForestQuotient, "forest"},
};
struct RelevanceName {
  const char* name;
  SelectionRelevance relevance;
};
constexpr RelevanceName kRelevances[] = {
    {"f", SelectionRelevance::kFRatio},
    {"mi", SelectionRelevance::kMutualInformation},
    {"ks", SelectionRelevance::kKolmogorovSmirnov},
    {"forest", SelectionRelevance::kForest},
};

constexpr char kFooter[] =
    "Makes every candidate feature of every metric (level, shift, trend, robust z, spread, against "
    "peers, against the offered load ...) and picks those that tell most about the faults and "
    "least that the others tell already (mRMR), for each fault kind in turn, as fit does.\n\n"
    "Only runs with split \"train\" are read, all runs where none has a split. The curve chooses "
    "anew without each group of runs and judges on that group, so no number has seen its own "
    "test. --count auto takes the smallest count within one standard error of the best.\n\n"
    "Criteria: fcq F over mean correlation (the default), fcd F minus it, mid mutual information "
    "minus redundancy, miq over it, rfcq random-forest importance over mean correlation. F sees "
    "shifts of the mean; mi and ks see changes of spread and of tails as well.\n\n"
    "Examples:\n"
    "  grayling-ml select DIR\n"
    "  grayling-ml select DIR --criterion mid --count 16\n"
    "  grayling-ml select DIR --relevance ks --json > selection.json\n";

Dataset TrainingRunsOf(Dataset dataset) {
  const bool split = std::any_of(dataset.runs.begin(), dataset.runs.end(),
                                 [](const Run& run) { return !run.split.empty(); });
  if (split) std::erase_if(dataset.runs, [](const Run& run) { return run.split != "train"; });
  return dataset;
}

absl::StatusOr<SelectionSettings> SettingsFrom(const SelectArguments& arguments) {
  SelectionSettings settings;
  settings.bins = arguments.bins;
  settings.least_relevance_share = arguments.least_relevance;
  settings.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  for (const CriterionName& entry : kCriteria) {
    if (arguments.criterion == entry.name) settings.criterion = entry.criterion;
  }
  for (const RelevanceName& entry : kRelevances) {
    if (arguments.relevance == entry.name) settings.relevance = entry.relevance;
  }
  settings.count = kMostCounted;
  if (arguments.count != "auto" && (!absl::SimpleAtoi(arguments.count, &settings.count) ||
                                    settings.count < 1 || settings.count > 512)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--count is \"", arguments.count, "\"; use a number from 1 to 512, or auto"));
  }
  return settings;
}

std::string RelevanceInWords(const SelectArguments& arguments) {
  if (arguments.relevance != "own") return arguments.relevance;
  for (const CriterionName& entry : kCriteria) {
    if (arguments.criterion == entry.name) return entry.own_relevance;
  }
  return arguments.relevance;
}

absl::Status Select(const SelectArguments& arguments) {
  GRAYLING_ASSIGN_OR_RETURN(SelectionSettings settings, SettingsFrom(arguments));
  GRAYLING_ASSIGN_OR_RETURN(Dataset all, ReadDataset(arguments.directory));
  const Dataset dataset = arguments.all_runs ? std::move(all) : TrainingRunsOf(std::move(all));
  std::vector<const Run*> runs;
  bool windows = false;
  for (const Run& run : dataset.runs) {
    runs.push_back(&run);
    windows = windows || !run.windows.empty();
  }
  if (!windows) {
    return absl::FailedPreconditionError(absl::StrCat(
        arguments.all_runs ? "the runs of \"" : "the training runs of \"", arguments.directory,
        "\" have no fault windows, so no feature can be told from another; put runs with windows "
        "into split \"train\" in dataset.json",
        arguments.all_runs ? "" : ", or look at every run with --all-runs"));
  }
  const LabelSettings labels = DefaultLabels(dataset.period_s);
  SelectionResult result;
  result.criterion = arguments.criterion;
  result.relevance = RelevanceInWords(arguments);
  absl::StatusOr<InputCurve> curve = CurveOverCounts(dataset, settings, labels);
  if (curve.ok()) {
    if (arguments.count == "auto") settings.count = curve->points[curve->chosen].count;
    result.curve = *std::move(curve);
  } else {
    result.no_curve = std::string(curve.status().message());
  }
  GRAYLING_ASSIGN_OR_RETURN(const TrainingSet set, BuildTrainingSet(dataset.columns, runs, labels));
  result.candidates = set.candidates.size();
  result.inputs = ChooseInputs(set, settings);
  if (result.inputs.empty()) {
    return absl::FailedPreconditionError(
        "no feature differs between fault windows and healthy time in the training runs; check "
        "the windows with grayling-ml describe");
  }
  absl::PrintF("%s", arguments.json ? SelectionJson(result) : SelectionText(result));
  return absl::OkStatus();
}

}  // namespace

void AddSelectCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command =
      app.add_subcommand("select", "Rank the features that tell faults from health, and how many");
  const auto arguments = std::make_shared<SelectArguments>();
  command->add_option("DIR", arguments->directory, "folder with dataset.json")->required();
  command
      ->add_option("--criterion", arguments->criterion, "how relevance is set against redundancy")
      ->check(CLI::IsMember({"fcq", "fcd", "mid", "miq", "rfcq"}))
      ->capture_default_str();
  command
      ->add_option(
          "--relevance", arguments->relevance,
          "what a feature tells about the faults: f, mi, ks, forest, or the criterion's own")
      ->check(CLI::IsMember({"own", "f", "mi", "ks", "forest"}))
      ->capture_default_str();
  command->add_option("--count", arguments->count, "how many features, or auto")
      ->capture_default_str();
  command->add_option("--bins", arguments->bins, "quantile bins of the mutual information")
      ->check(CLI::Range(2, 32))
      ->capture_default_str();
  command
      ->add_option("--least-relevance", arguments->least_relevance,
                   "leave out features with less than this share of the largest relevance")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_flag("--all-runs", arguments->all_runs,
                    "read runs with split \"test\" as well: to know the data, never before a fit "
                    "that is judged on them");
  command->add_flag("--json", arguments->json, "the same for programs");
  command->footer(kFooter);
  command->callback([arguments, &result] { result = Select(*arguments); });
}

}  // namespace grayling

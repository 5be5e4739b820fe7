#include "ml/report/report.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/commands/model_file.h"
#include "ml/core/dataset_hash.h"
#include "ml/core/evaluation_scores.h"
#include "ml/trainer/fit_inputs.h"

namespace grayling {
namespace {

struct ReportArguments {
  std::string directory;
  std::string model;
  std::string scores;
  std::string out;
  std::string split;
  double margin_s = std::numeric_limits<double>::infinity();
  double grace_s = -1;
  int vus_window = -1;
  int top = 10;
  int timelines = 40;
};

constexpr char kFooter[] =
    "Sections: the data; what the faults do to each column; the model; how well the faults are "
    "found, beside simple rules; every run over time; which service is to blame. What cannot be "
    "said without a model, scores, fault windows or services is left out, with the reason.\n\n"
    "Numbers equal those of describe, evaluate and localize with the same options. A model that is "
    "judged by runs that it was fitted on is marked; for numbers that hold, make scores with "
    "crossval --out and pass them with --scores.\n\n"
    "Examples:\n"
    "  grayling-ml report DIR --out report.html\n"
    "  grayling-ml report DIR --model model.grayling --out report.html\n"
    "  grayling-ml report DIR --model model.grayling --scores crossval.csv --margin 600 --out "
    "report.html\n";

// The runs that evaluate judges, without scores.
absl::Status ChooseRuns(const ReportArguments& arguments, ReportSubject& subject) {
  const bool has_test = std::any_of(subject.dataset->runs.begin(), subject.dataset->runs.end(),
                                    [](const Run& run) { return run.split == "test"; });
  const bool only_test = arguments.split == "test" || (arguments.split.empty() && has_test);
  if (only_test && !has_test) {
    return absl::FailedPreconditionError(
        absl::StrCat("no run of \"", arguments.directory,
                     "\" has split \"test\"; mark one in dataset.json or pass --split all"));
  }
  subject.judged_in_words = only_test ? "the runs with split \"test\"" : "all runs";
  for (const Run& run : subject.dataset->runs) {
    if (!only_test || run.split == "test") subject.judged.push_back({&run, {}, {}});
  }
  return absl::OkStatus();
}

absl::Status ScoreWithModel(const Model& model, ReportSubject& subject) {
  subject.score_source = ScoreSource::kModel;
  for (ScoredRun& scored : subject.judged) {
    GRAYLING_ASSIGN_OR_RETURN(RunVerdicts verdicts,
                              JudgeRun(model, *scored.run, subject.dataset->columns));
    scored.scores = std::move(verdicts.scores);
    scored.alarms = std::move(verdicts.alarms);
  }
  return absl::OkStatus();
}

absl::Status TakeScores(const std::string& path, ReportSubject& subject) {
  subject.score_source = ScoreSource::kFile;
  GRAYLING_ASSIGN_OR_RETURN(std::vector<ScoredRun> all, ReadScores(path, subject.dataset->runs));
  std::vector<ScoredRun> judged;
  for (const ScoredRun& wanted : subject.judged) {
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const ScoredRun& scored) { return scored.run == wanted.run; });
    if (found != all.end()) judged.push_back(std::move(*found));
  }
  if (judged.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " scores none of the judged runs; score them or pass --split all"));
  }
  if (judged.size() < subject.judged.size()) {
    subject.remarks.push_back(absl::StrFormat("%d of %d runs have no scores and are not judged.",
                                              subject.judged.size() - judged.size(),
                                              subject.judged.size()));
  }
  subject.judged = std::move(judged);
  return absl::OkStatus();
}

// Writes beside `path` first and renames, so that a reader never sees half a report.
absl::Status WritePage(const std::string& page, const std::string& path) {
  const std::string draft = path + ".part";
  std::ofstream out(draft, std::ios::binary);
  out << page;
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(draft, path, error);
  if (!out || error) {
    std::error_code ignored;
    std::filesystem::remove(draft, ignored);
    return absl::UnavailableError(absl::StrCat("cannot write the report to \"", path,
                                               "\"; check that the folder exists and has room"));
  }
  return absl::OkStatus();
}

absl::Status Report(const ReportArguments& arguments) {
  GRAYLING_ASSIGN_OR_RETURN(const Dataset dataset, ReadDataset(arguments.directory));
  ReportSubject subject;
  subject.dataset = &dataset;
  GRAYLING_RETURN_IF_ERROR(ChooseRuns(arguments, subject));
  std::optional<Model> model;
  if (!arguments.model.empty()) {
    GRAYLING_ASSIGN_OR_RETURN(model, ReadModelFile(arguments.model));
    GRAYLING_ASSIGN_OR_RETURN(subject.dataset_hash, HashDirectory(arguments.directory));
    subject.model = &*model;
  }
  if (!arguments.scores.empty()) {
    GRAYLING_RETURN_IF_ERROR(TakeScores(arguments.scores, subject));
  } else if (model) {
    GRAYLING_RETURN_IF_ERROR(ScoreWithModel(*model, subject));
  }
  ReportSettings settings;
  settings.evaluation = DefaultEvaluation(dataset.period_s);
  settings.evaluation.margin_s = arguments.margin_s;
  if (arguments.grace_s >= 0) settings.evaluation.detection_grace_s = arguments.grace_s;
  settings.vus_window = arguments.vus_window;
  settings.top = arguments.top;
  settings.timelines = arguments.timelines;
  GRAYLING_RETURN_IF_ERROR(WritePage(WriteReport(subject, settings), arguments.out));
  absl::PrintF("Report written to %s\n", arguments.out);
  return absl::OkStatus();
}

}  // namespace

void AddReportCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand(
      "report",
      "Write everything that is known about a data set and a detector as one HTML file that needs "
      "no network");
  const auto arguments = std::make_shared<ReportArguments>();
  command->add_option("DIR", arguments->directory, "folder with dataset.json")->required();
  command->add_option("--out", arguments->out, "HTML file to write")->required();
  command->add_option("--model", arguments->model,
                      "model file of grayling-ml fit: described, and judged unless --scores is "
                      "given");
  command->add_option("--scores", arguments->scores,
                      "CSV file run,time,score,alarm of crossval or score: judged");
  command
      ->add_option("--split", arguments->split,
                   "runs to judge: test, or all (default: test where a run is marked so)")
      ->check(CLI::IsMember({"test", "all"}));
  command
      ->add_option("--margin", arguments->margin_s,
                   "seconds around a run's first to last fault that count (default: all rows)")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--grace", arguments->grace_s,
                   "seconds after an event's end in which an alarm still finds it (default: 2 s, "
                   "at least 2 rows)")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--vus-window", arguments->vus_window,
                   "largest window of VUS-PR in rows (default: the median event, at most 100)")
      ->check(CLI::Range(0, 10000));
  command->add_option("--top", arguments->top, "columns shown per fault kind")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command
      ->add_option("--timelines", arguments->timelines,
                   "runs drawn over time, those with faults first")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  command->footer(kFooter);
  command->callback([arguments, &result] { result = Report(*arguments); });
}

}  // namespace grayling

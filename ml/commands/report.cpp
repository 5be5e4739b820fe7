#include "ml/report/report.h"

#include <memory>
#include <optional>
#include <ostream>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/commands/judged_runs.h"
#include "ml/commands/model_file.h"
#include "ml/commands/whole_file.h"
#include "ml/core/dataset_hash.h"
#include "ml/trainer/fit_inputs.h"

namespace grayling {
namespace {

struct ReportArguments {
  std::string directory;
  std::string model;
  std::string scores;
  std::string out;
  JudgeOptions judge;
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

absl::Status Report(const ReportArguments& arguments) {
  GRAYLING_ASSIGN_OR_RETURN(const Dataset dataset, ReadDataset(arguments.directory));
  ReportSubject subject;
  subject.dataset = &dataset;
  GRAYLING_ASSIGN_OR_RETURN(const JudgedRuns judged,
                            ChooseJudgedRuns(dataset, arguments.judge, arguments.directory));
  subject.judged_in_words = judged.only_test ? "the runs with split \"test\"" : "all runs";
  for (const Run* run : judged.runs) subject.judged.push_back({run, {}, {}});
  std::optional<Model> model;
  if (!arguments.model.empty()) {
    GRAYLING_ASSIGN_OR_RETURN(model, ReadModelFile(arguments.model));
    GRAYLING_ASSIGN_OR_RETURN(subject.dataset_hash, HashDirectory(arguments.directory));
    subject.model = &*model;
  }
  if (!arguments.scores.empty()) {
    GRAYLING_ASSIGN_OR_RETURN(JudgedScores scores,
                              ReadJudgedScores(arguments.scores, dataset, judged.runs));
    subject.score_source = ScoreSource::kFile;
    subject.judged = std::move(scores.runs);
    if (!scores.remark.empty()) subject.remarks.push_back(std::move(scores.remark));
  } else if (model) {
    GRAYLING_RETURN_IF_ERROR(ScoreWithModel(*model, subject));
  }
  ReportSettings settings;
  settings.evaluation = SettingsFrom(arguments.judge, dataset.period_s);
  settings.vus_window = arguments.judge.vus_window;
  settings.top = arguments.top;
  settings.timelines = arguments.timelines;
  GRAYLING_RETURN_IF_ERROR(WriteWholeFile(arguments.out, "the report", [&](std::ostream& out) {
    out << WriteReport(subject, settings);
  }));
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
  AddJudgeOptions(*command, arguments->judge);
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

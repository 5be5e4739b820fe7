#include <memory>

#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/commands/model_file.h"
#include "ml/commands/score_file.h"
#include "ml/trainer/fit_inputs.h"

namespace grayling {
namespace {

struct ScoreArguments {
  std::string model;
  std::string directory;
  std::string out;
};

absl::Status Score(const ScoreArguments& arguments) {
  GRAYLING_ASSIGN_OR_RETURN(const Model model, ReadModelFile(arguments.model));
  GRAYLING_ASSIGN_OR_RETURN(const Dataset dataset, ReadDataset(arguments.directory));
  std::vector<ScoredRun> runs;
  for (const Run& run : dataset.runs) {
    GRAYLING_ASSIGN_OR_RETURN(RunVerdicts verdicts, JudgeRun(model, run, dataset.columns));
    runs.push_back({&run, std::move(verdicts.scores), std::move(verdicts.alarms)});
  }
  return WriteScores(runs, arguments.out);
}

}  // namespace

void AddScoreCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand(
      "score",
      "Score every row of a data set with a model: the probability of a gray failure, and whether "
      "the model's rule raises an alarm. Services that the model never saw are judged by the "
      "metrics that they share with those it knows");
  const auto arguments = std::make_shared<ScoreArguments>();
  command->add_option("MODEL", arguments->model, "model file of grayling-ml fit")->required();
  command->add_option("DIR", arguments->directory, "folder with dataset.json")->required();
  command->add_option("--out", arguments->out, "CSV file to write: run,time,score,alarm")
      ->required();
  command->callback([arguments, &result] { result = Score(*arguments); });
}

}  // namespace grayling

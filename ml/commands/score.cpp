#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/commands/model_file.h"
#include "ml/core/detector.h"

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
  GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<Detector> detector, Detector::Create(model));
  const std::vector<int> positions = InputPositions(*detector, dataset.columns);
  std::ofstream out(arguments.out);
  out << "run,time,score,alarm\n";
  for (const Run& run : dataset.runs) {
    const std::vector<Verdict> verdicts = ScoreRun(*detector, run, positions);
    for (size_t r = 0; r < verdicts.size(); ++r) {
      out << absl::StrFormat("%s,%.3f,%.6f,%d\n", run.id, run.time[r], verdicts[r].score,
                             verdicts[r].alarm ? 1 : 0);
    }
  }
  out.close();
  if (!out) {
    return absl::UnavailableError(absl::StrCat("cannot write the scores to \"", arguments.out,
                                               "\"; check that the folder exists and has room"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddScoreCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand("score", "Score every row of a data set with a model");
  const auto arguments = std::make_shared<ScoreArguments>();
  command->add_option("MODEL", arguments->model, "model file")->required();
  command->add_option("DIR", arguments->directory, "folder with dataset.json")->required();
  command->add_option("--out", arguments->out, "CSV file: run,time,score,alarm")->required();
  command->callback([arguments, &result] { result = Score(*arguments); });
}

}  // namespace grayling

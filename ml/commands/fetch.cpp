#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/commands/recording_client.h"

namespace grayling {
namespace {

struct FetchArguments {
  std::string daemon = "unix:///run/grayling/graylingd.sock";
  std::vector<std::string> campaigns;
  std::string out;
};

absl::Status Fetch(const FetchArguments& arguments) {
  std::vector<Dataset> recordings;
  for (const std::string& campaign : arguments.campaigns) {
    GRAYLING_ASSIGN_OR_RETURN(Dataset recording, FetchRecording(arguments.daemon, campaign));
    recordings.push_back(std::move(recording));
  }
  GRAYLING_ASSIGN_OR_RETURN(Dataset dataset, JoinRecordings(std::move(recordings)));
  dataset.source = absl::StrJoin(arguments.campaigns, ", ");
  dataset.description = absl::StrCat("Recording of ", dataset.source);
  GRAYLING_RETURN_IF_ERROR(WriteDataset(dataset, arguments.out));
  for (const Run& run : dataset.runs) {
    absl::PrintF("%s: %d rows, %d windows, split %s\n", run.id, run.time.size(), run.windows.size(),
                 run.split);
  }
  absl::PrintF("%d columns written to %s\n", dataset.columns.size(), arguments.out);
  return absl::OkStatus();
}

}  // namespace

void AddFetchCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand(
      "fetch",
      "Write the recordings of one or more campaigns as a data set that the other commands read. "
      "Each recording is cut at its window groups; the last group of each is held out (split "
      "\"test\"), the others are for training");
  const auto arguments = std::make_shared<FetchArguments>();
  command->add_option("--daemon", arguments->daemon, "address of graylingd")->capture_default_str();
  command
      ->add_option("--campaign", arguments->campaigns,
                   "campaigns/<name>; give it once for each campaign")
      ->required()
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--out", arguments->out, "folder to write")->required();
  command->callback([arguments, &result] { result = Fetch(*arguments); });
}

}  // namespace grayling

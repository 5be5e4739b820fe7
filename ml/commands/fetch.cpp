#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/commands/recording_client.h"

namespace grayling {
namespace {

struct FetchArguments {
  std::string daemon = "unix:///run/grayling/graylingd.sock";
  std::string campaign;
  std::string out;
};

absl::Status Fetch(const FetchArguments& arguments) {
  GRAYLING_ASSIGN_OR_RETURN(Dataset dataset, FetchRecording(arguments.daemon, arguments.campaign));
  dataset.description = absl::StrCat("Recording of ", arguments.campaign);
  dataset.source = arguments.campaign;
  GRAYLING_RETURN_IF_ERROR(HoldOutLastGroup(dataset));
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
      "Write the recording of a campaign as a data set; its last window group is held out");
  const auto arguments = std::make_shared<FetchArguments>();
  command->add_option("--daemon", arguments->daemon, "address of graylingd")->capture_default_str();
  command->add_option("--campaign", arguments->campaign, "campaigns/<name>")->required();
  command->add_option("--out", arguments->out, "folder to write")->required();
  command->callback([arguments, &result] { result = Fetch(*arguments); });
}

}  // namespace grayling

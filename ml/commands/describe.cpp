#include <memory>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/core/features.h"

namespace grayling {
namespace {

double MissingShare(const Run& run) {
  if (run.values.size() == 0) return 0;
  return static_cast<double>(run.values.array().isNaN().count()) /
         static_cast<double>(run.values.size());
}

absl::Status Describe(const std::string& directory) {
  GRAYLING_ASSIGN_OR_RETURN(const Dataset dataset, ReadDataset(directory));
  absl::PrintF("%s: %d runs, %d columns, %d services, a row every %g s\n\n", dataset.name,
               dataset.runs.size(), dataset.columns.size(), ServicesOf(dataset.columns).size(),
               dataset.period_s);
  absl::PrintF("%-24s | %-14s | %-5s | %7s | %7s | %7s\n", "Run", "Group", "Split", "Rows",
               "Windows", "Missing");
  for (const Run& run : dataset.runs) {
    absl::PrintF("%-24s | %-14s | %-5s | %7d | %7d | %5.1f %%\n", run.id, run.group,
                 run.split.empty() ? "-" : run.split, run.time.size(), run.windows.size(),
                 100 * MissingShare(run));
  }
  return absl::OkStatus();
}

}  // namespace

void AddDescribeCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand("describe", "Say what a data set holds");
  const auto directory = std::make_shared<std::string>();
  command->add_option("DIR", *directory, "folder with dataset.json")->required();
  command->callback([directory, &result] { result = Describe(*directory); });
}

}  // namespace grayling

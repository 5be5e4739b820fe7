#include <memory>
#include <string>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/core/resample.h"

namespace grayling {
namespace {

struct AlignArguments {
  std::string directory;
  double period_s = 0;
  std::string rule = "last";
  std::string out;
};

absl::Status Align(const AlignArguments& arguments) {
  GRAYLING_ASSIGN_OR_RETURN(const AlignRule rule, ParseAlignRule(arguments.rule));
  GRAYLING_ASSIGN_OR_RETURN(const Dataset dataset, ReadDataset(arguments.directory));
  GRAYLING_ASSIGN_OR_RETURN(const Dataset aligned, AlignDataset(dataset, arguments.period_s, rule));
  GRAYLING_RETURN_IF_ERROR(WriteDataset(aligned, arguments.out));
  size_t before = 0;
  size_t after = 0;
  for (const Run& run : dataset.runs) before += run.time.size();
  for (const Run& run : aligned.runs) after += run.time.size();
  absl::PrintF("%d rows every %g s became %d rows every %g s in %s\n", before, dataset.period_s,
               after, aligned.period_s, arguments.out);
  return absl::OkStatus();
}

}  // namespace

void AddAlignCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand(
      "align", "Put the rows of a data set on a coarser grid, each made of the rows before it");
  const auto arguments = std::make_shared<AlignArguments>();
  command->add_option("DIR", arguments->directory, "folder with dataset.json")->required();
  command->add_option("--period", arguments->period_s, "seconds between the new rows")->required();
  command
      ->add_option("--rule", arguments->rule,
                   "what a cell is: last (the last value), mean, or of counters that only rise: "
                   "rate (per second) or increase")
      ->check(CLI::IsMember({"last", "mean", "rate", "increase"}))
      ->capture_default_str();
  command->add_option("--out", arguments->out, "folder to write")->required();
  command->footer(
      "A row at t is made of the rows after t - period up to t; missing stays missing, and where "
      "there are no rows there is none.");
  command->callback([arguments, &result] { result = Align(*arguments); });
}

}  // namespace grayling

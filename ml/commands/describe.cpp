#include "ml/core/describe.h"

#include <memory>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/commands/commands.h"
#include "ml/core/describe_figures.h"
#include "ml/core/describe_text.h"
#include "ml/core/evaluation.h"

namespace grayling {
namespace {

struct DescribeArguments {
  std::string directory;
  std::string figures;
  int top = 10;
  bool is_top_given = false;
  bool json = false;
};

absl::Status Describe(const DescribeArguments& arguments) {
  GRAYLING_ASSIGN_OR_RETURN(const Dataset dataset, ReadDataset(arguments.directory));
  DescribeSettings settings;
  settings.recovery_s = DefaultEvaluation(dataset.period_s).recovery_s;
  const DatasetReport report = ReportOn(dataset);
  const Description description = DescribeFaults(dataset, settings);
  if (arguments.json) {
    nlohmann::ordered_json document = {{"name", dataset.name},
                                       {"period_s", dataset.period_s},
                                       {"columns", dataset.columns.size()}};
    document["data"] = ToJson(report);
    document["faults"] = ToJson(description, arguments.is_top_given ? arguments.top : 0);
    absl::PrintF("%s\n", document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    absl::PrintF("%s%s", FormatReport(dataset, report, arguments.top),
                 FormatDescription(description, arguments.top));
  }
  if (arguments.figures.empty()) return absl::OkStatus();
  GRAYLING_ASSIGN_OR_RETURN(
      const std::vector<std::string> paths,
      WriteFigures(dataset, description, settings, arguments.figures, arguments.top));
  if (!arguments.json) {
    absl::PrintF("\n%d figures written to %s\n", paths.size(), arguments.figures);
  }
  return absl::OkStatus();
}

}  // namespace

void AddDescribeCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand(
      "describe",
      "Say what a data set holds and what its faults do to each column.\n"
      "Rows before, during and after each labelled window are compared with each other and with\n"
      "runs without windows: robust location and scale, Cliff's delta with bootstrap intervals\n"
      "over runs or events, Mann-Whitney with Benjamini-Hochberg, onset delay, time to recover.");
  const auto arguments = std::make_shared<DescribeArguments>();
  command->add_option("DIR", arguments->directory, "folder with dataset.json")->required();
  CLI::Option* top =
      command->add_option("--top", arguments->top, "columns shown per fault kind (JSON: all)")
          ->check(CLI::Range(1, 100000))
          ->capture_default_str();
  command->add_option("--figures", arguments->figures,
                      "folder for two SVG figures per kind: effects, and courses around the fault");
  command->add_flag("--json", arguments->json, "everything, for programs");
  command->callback([arguments, top, &result] {
    arguments->is_top_given = top->count() > 0;
    result = Describe(*arguments);
  });
}

}  // namespace grayling

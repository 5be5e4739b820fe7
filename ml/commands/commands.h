#pragma once

#include <CLI/CLI.hpp>

#include "absl/status/status.h"

namespace grayling {

// Each adds one subcommand to grayling-ml. When the user names it, it runs while the arguments are
// parsed and leaves its outcome in `result`, which outlives `app`.
void AddFetchCommand(CLI::App& app, absl::Status& result);
void AddAlignCommand(CLI::App& app, absl::Status& result);
void AddDescribeCommand(CLI::App& app, absl::Status& result);
void AddDenoiseCommand(CLI::App& app, absl::Status& result);
void AddSelectCommand(CLI::App& app, absl::Status& result);
void AddFitCommand(CLI::App& app, absl::Status& result);
void AddCrossvalCommand(CLI::App& app, absl::Status& result);
void AddCompareCommand(CLI::App& app, absl::Status& result);
void AddScoreCommand(CLI::App& app, absl::Status& result);
void AddEvaluateCommand(CLI::App& app, absl::Status& result);
void AddLocalizeCommand(CLI::App& app, absl::Status& result);
void AddReportCommand(CLI::App& app, absl::Status& result);

}  // namespace grayling

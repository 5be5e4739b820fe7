#pragma once

#include <CLI/CLI.hpp>

#include "absl/status/status.h"

namespace grayling {

// Each adds one subcommand to grayling-ml. When the user names it, it runs while the arguments are
// parsed and leaves its outcome in `result`, which outlives `app`.
void AddFetchCommand(CLI::App& app, absl::Status& result);
void AddDescribeCommand(CLI::App& app, absl::Status& result);
void AddFitCommand(CLI::App& app, absl::Status& result);
void AddScoreCommand(CLI::App& app, absl::Status& result);
void AddEvaluateCommand(CLI::App& app, absl::Status& result);

}  // namespace grayling

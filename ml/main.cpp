#include <cstdio>
#include <exception>
#include <string>

#include "ml/commands/commands.h"

int main(int argc, char** argv) {
  CLI::App app{"Trains, applies and judges detectors of gray failures on recordings."};
  app.require_subcommand(1);
  absl::Status result;
  grayling::AddFetchCommand(app, result);
  grayling::AddAlignCommand(app, result);
  grayling::AddDescribeCommand(app, result);
  grayling::AddDenoiseCommand(app, result);
  grayling::AddSelectCommand(app, result);
  grayling::AddFitCommand(app, result);
  grayling::AddCrossvalCommand(app, result);
  grayling::AddCompareCommand(app, result);
  grayling::AddScoreCommand(app, result);
  grayling::AddEvaluateCommand(app, result);
  grayling::AddLocalizeCommand(app, result);
  grayling::AddReportCommand(app, result);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "grayling-ml: %s\n", error.what());
    return 1;
  }
  if (result.ok()) return 0;
  std::fprintf(stderr, "grayling-ml: %s\n", std::string(result.message()).c_str());
  return 1;
}

#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/detector.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  absl::Duration time = absl::Hours(1);
  uint32_t rows = 0;
};

absl::Status Run(const Options& options, Session& session) {
  uint32_t seen = 0;
  const absl::Status status = Stream<v1::DetectorService>(
      session, &v1::DetectorService::Stub::WatchScores, v1::WatchScoresRequest(), options.time,
      absl::FunctionRef<bool(const v1::WatchScoresResponse&)>(
          [&](const v1::WatchScoresResponse& row) {
            session.PrintRow(row, TableOf(row));
            return ++seen != options.rows;
          }));
  // The watch was asked to end then.
  if (absl::IsDeadlineExceeded(status)) return absl::OkStatus();
  return status;
}

}  // namespace

void AddDetectWatch(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("watch", "Show the detector's score of every row");
  AddDuration(*command, "--for", options->time, "How long to watch");
  command->add_option("--rows", options->rows, "End after so many rows; 0 is no limit")
      ->capture_default_str();
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

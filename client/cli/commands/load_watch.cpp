#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/load.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  absl::Duration time = absl::Hours(24);
};

absl::Status Run(const Options& options, Session& session) {
  const absl::Status status = Stream<v1::LoadService>(
      session, &v1::LoadService::Stub::WatchLoad, v1::WatchLoadRequest(), options.time,
      absl::FunctionRef<bool(const v1::Load&)>([&](const v1::Load& load) {
        session.PrintRow(load, TableOf(load));
        return true;
      }));
  // The watch was asked to end then.
  if (absl::IsDeadlineExceeded(status)) return absl::OkStatus();
  return status;
}

}  // namespace

void AddLoadWatch(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      group.add_subcommand("watch", "Show the load once a second until it has stopped");
  AddDuration(*command, "--for", options->time, "How long to watch at most");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/fault.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  bool active = false;
};

absl::Status Run(const Options& options, Session& session) {
  v1::ListFaultsRequest request;
  request.set_active_only(options.active);
  const auto all =
      CallAllPages<v1::FaultService>(session, &v1::FaultService::Stub::ListFaults, request);
  if (!all.ok()) return all.status();
  session.Print(*all, TableOf(*all));
  return absl::OkStatus();
}

}  // namespace

void AddFaultList(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("list", "List the faults of the journal");
  command->add_flag("--active", options->active, "Only those that may be active");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

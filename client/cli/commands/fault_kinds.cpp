#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/fault.grpc.pb.h"

namespace grayling {
namespace {

struct Options {};

absl::Status Run(const Options&, Session& session) {
  const auto all = CallAllPages<v1::FaultService>(session, &v1::FaultService::Stub::ListFaultKinds,
                                                  v1::ListFaultKindsRequest());
  if (!all.ok()) return all.status();
  session.Print(*all, TableOf(*all));
  return absl::OkStatus();
}

}  // namespace

void AddFaultKinds(CLI::App& group, Invocation& invocation) {
  CLI::App* command = group.add_subcommand("kinds", "List the kinds of fault and their parameters");
  RunWhenNamed(*command, invocation, std::make_shared<Options>(), &Run);
}

}  // namespace grayling

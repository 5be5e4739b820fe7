#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/target.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string vm;
};

absl::Status Run(const Options& options, Session& session) {
  v1::ListServicesRequest request;
  request.set_vm(ResourceName("vms", options.vm));
  const auto all =
      CallAllPages<v1::TargetService>(session, &v1::TargetService::Stub::ListServices, request);
  if (!all.ok()) return all.status();
  session.Print(*all, TableOf(*all));
  return absl::OkStatus();
}

}  // namespace

void AddServiceList(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("list", "List the services found in a VM");
  command->add_option("VM", options->vm, "The VM's name")->required();
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

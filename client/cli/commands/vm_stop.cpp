#include "client/cli/commands/commands.h"

#include <memory>

#include "base/proto_time.h"
#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/wait_for_operation.h"
#include "grayling/v1/vm.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string name;
  absl::Duration grace = absl::Seconds(30);
};

absl::Status Run(const Options& options, Session& session) {
  v1::StopVmRequest request;
  request.set_name(ResourceName("vms", options.name));
  ToProto(options.grace, request.mutable_grace());
  GRAYLING_ASSIGN_OR_RETURN(const v1::Operation operation,
                            Call<v1::VmService>(session, &v1::VmService::Stub::StopVm, request));
  return WaitForOperation(session, operation, options.grace + absl::Minutes(2));
}

}  // namespace

void AddVmStop(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("stop", "Power a VM off and wait until it is off");
  command->add_option("VM", options->name, "Its name")->required();
  AddDuration(*command, "--grace", options->grace,
              "How long the guest may take before the plug is pulled");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

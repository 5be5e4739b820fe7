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
  absl::Duration agent_timeout = absl::Minutes(5);
};

absl::Status Run(const Options& options, Session& session) {
  v1::StartVmRequest request;
  request.set_name(ResourceName("vms", options.name));
  ToProto(options.agent_timeout, request.mutable_agent_timeout());
  GRAYLING_ASSIGN_OR_RETURN(const v1::Operation operation,
                            Call<v1::VmService>(session, &v1::VmService::Stub::StartVm, request));
  return WaitForOperation(session, operation, options.agent_timeout + absl::Minutes(1));
}

}  // namespace

void AddVmStart(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      group.add_subcommand("start", "Boot a VM and wait until its guest agent answers");
  command->add_option("VM", options->name, "Its name")->required();
  AddDuration(*command, "--timeout", options->agent_timeout, "How long the guest agent may take");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

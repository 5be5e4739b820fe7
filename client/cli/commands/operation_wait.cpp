#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/wait_for_operation.h"
#include "grayling/v1/operation.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string name;
  absl::Duration timeout = absl::Minutes(10);
};

absl::Status Run(const Options& options, Session& session) {
  v1::GetOperationRequest request;
  request.set_name(ResourceName("operations", options.name));
  GRAYLING_ASSIGN_OR_RETURN(
      const v1::Operation operation,
      Call<v1::OperationService>(session, &v1::OperationService::Stub::GetOperation, request));
  return WaitForOperation(session, operation, options.timeout);
}

}  // namespace

void AddOperationWait(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("wait", "Wait until an operation is done");
  command->add_option("OPERATION", options->name, "Its name")->required();
  AddDuration(*command, "--timeout", options->timeout, "How long to wait");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

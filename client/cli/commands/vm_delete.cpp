#include "client/cli/commands/commands.h"

#include <memory>
#include <ostream>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/vm.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string name;
};

absl::Status Run(const Options& options, Session& session) {
  v1::DeleteVmRequest request;
  request.set_name(ResourceName("vms", options.name));
  const auto answer = Call<v1::VmService>(session, &v1::VmService::Stub::DeleteVm, request);
  if (!answer.ok()) return answer.status();
  session.err() << request.name() << " deleted\n";
  return absl::OkStatus();
}

}  // namespace

void AddVmDelete(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("delete", "Forget a stopped VM; its disk image stays");
  command->add_option("VM", options->name, "Its name")->required();
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/fault.grpc.pb.h"

namespace grayling {
namespace {

constexpr absl::Duration kRevertDeadline = absl::Minutes(2);

struct Options {
  std::string name;
  bool all = false;
  std::string vm;
};

absl::Status RevertAll(const Options& options, Session& session) {
  v1::RevertAllFaultsRequest request;
  if (!options.vm.empty()) request.set_vm(ResourceName("vms", options.vm));
  const auto answer = Call<v1::FaultService>(session, &v1::FaultService::Stub::RevertAllFaults,
                                             request, kRevertDeadline);
  if (!answer.ok()) return answer.status();
  session.Print(*answer, TableOf(*answer));
  return absl::OkStatus();
}

absl::Status Run(const Options& options, Session& session) {
  if (options.all) return RevertAll(options, session);
  v1::RevertFaultRequest request;
  request.set_name(ResourceName("faults", options.name));
  const auto fault = Call<v1::FaultService>(session, &v1::FaultService::Stub::RevertFault, request,
                                            kRevertDeadline);
  if (!fault.ok()) return fault.status();
  session.Print(*fault, TableOf(*fault));
  return absl::OkStatus();
}

}  // namespace

void AddFaultRevert(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("revert", "End one fault now, or all with --all");
  auto* which = command->add_option_group("which");
  CLI::Option* name = which->add_option("FAULT", options->name, "Its name");
  CLI::Option* all =
      which->add_flag("--all", options->all, "Everything that carries our mark, known or not");
  which->require_option(1);
  command->add_option("--vm", options->vm, "With --all: only in this VM")->needs(all);
  name->excludes(all);
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

#include "client/cli/commands/commands.h"

#include <memory>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "grayling/v1/vm.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string name;
  std::vector<std::string> argv;
  absl::Duration timeout = absl::Seconds(60);
};

absl::Status Run(const Options& options, Session& session) {
  v1::ExecVmRequest request;
  request.set_name(ResourceName("vms", options.name));
  for (const std::string& argument : options.argv) request.add_argv(argument);
  ToProto(options.timeout, request.mutable_timeout());
  GRAYLING_ASSIGN_OR_RETURN(const v1::ExecVmResponse ended,
                            Call<v1::VmService>(session, &v1::VmService::Stub::ExecVm, request,
                                                options.timeout + kUnaryDeadline));
  session.out() << ended.stdout() << std::flush;
  session.err() << ended.stderr() << std::flush;
  if (ended.exit_code() == 0) return absl::OkStatus();
  return absl::UnknownError(
      absl::StrCat(options.argv.front(), " ended with exit code ", ended.exit_code()));
}

}  // namespace

void AddVmExec(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand(
      "exec", "Run one program in the guest: grayling vm exec VM -- PROGRAM ARGUMENT...");
  command->add_option("VM", options->name, "Its name")->required();
  command->add_option("PROGRAM", options->argv, "The program and its arguments, after --")
      ->required();
  AddDuration(*command, "--timeout", options->timeout, "How long the program may take");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/model.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string name;
};

absl::Status Run(const Options& options, Session& session) {
  v1::GetModelRequest request;
  request.set_name(ResourceName("models", options.name));
  const auto answer = Call<v1::ModelService>(session, &v1::ModelService::Stub::GetModel, request);
  if (!answer.ok()) return answer.status();
  session.Print(*answer, DetailsOf(*answer));
  return absl::OkStatus();
}

}  // namespace

void AddModelGet(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      group.add_subcommand("get", "Show one model: where it comes from and what it was judged by");
  command->add_option("MODEL", options->name, "Its name")->required();
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/model.grpc.pb.h"

namespace grayling {
namespace {

struct Options {};

absl::Status Run(const Options&, Session& session) {
  const auto all = CallAllPages<v1::ModelService>(session, &v1::ModelService::Stub::ListModels,
                                                  v1::ListModelsRequest());
  if (!all.ok()) return all.status();
  session.Print(*all, TableOf(*all));
  return absl::OkStatus();
}

}  // namespace

void AddModelList(CLI::App& group, Invocation& invocation) {
  CLI::App* command = group.add_subcommand("list", "List the models");
  RunWhenNamed(*command, invocation, std::make_shared<Options>(), &Run);
}

}  // namespace grayling

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
  const v1::RollbackModelRequest request;
  const auto answer =
      Call<v1::ModelService>(session, &v1::ModelService::Stub::RollbackModel, request);
  if (!answer.ok()) return answer.status();
  session.Print(*answer, TableOf(*answer));
  return absl::OkStatus();
}

}  // namespace

void AddModelRollback(CLI::App& group, Invocation& invocation) {
  CLI::App* command = group.add_subcommand(
      "rollback", "Make the detector run the model that was active before the present one");
  RunWhenNamed(*command, invocation, std::make_shared<Options>(), &Run);
}

}  // namespace grayling

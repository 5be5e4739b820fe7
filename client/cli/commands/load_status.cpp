#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/load.grpc.pb.h"

namespace grayling {
namespace {

struct Options {};

absl::Status Run(const Options&, Session& session) {
  const auto answer =
      Call<v1::LoadService>(session, &v1::LoadService::Stub::GetLoad, v1::GetLoadRequest());
  if (!answer.ok()) return answer.status();
  session.Print(*answer, TableOf(*answer));
  return absl::OkStatus();
}

}  // namespace

void AddLoadStatus(CLI::App& group, Invocation& invocation) {
  CLI::App* command = group.add_subcommand("status", "Show the load and its last second");
  RunWhenNamed(*command, invocation, std::make_shared<Options>(), &Run);
}

}  // namespace grayling

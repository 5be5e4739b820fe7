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
      Call<v1::LoadService>(session, &v1::LoadService::Stub::StopLoad, v1::StopLoadRequest());
  if (!answer.ok()) return answer.status();
  session.Print(*answer, TableOf(*answer));
  return absl::OkStatus();
}

}  // namespace

void AddLoadStop(CLI::App& group, Invocation& invocation) {
  CLI::App* command = group.add_subcommand("stop", "Stop the load; shows its totals");
  RunWhenNamed(*command, invocation, std::make_shared<Options>(), &Run);
}

}  // namespace grayling

#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/detector.grpc.pb.h"

namespace grayling {
namespace {

struct Options {};

absl::Status Run(const Options&, Session& session) {
  const auto all = CallAllPages<v1::DetectorService>(
      session, &v1::DetectorService::Stub::ListAlarms, v1::ListAlarmsRequest());
  if (!all.ok()) return all.status();
  session.Print(*all, TableOf(*all));
  return absl::OkStatus();
}

}  // namespace

void AddDetectAlarms(CLI::App& group, Invocation& invocation) {
  CLI::App* command = group.add_subcommand("alarms", "List the alarms");
  RunWhenNamed(*command, invocation, std::make_shared<Options>(), &Run);
}

}  // namespace grayling

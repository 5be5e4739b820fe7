#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/commands/commands.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/metric.grpc.pb.h"

namespace grayling {
namespace {

struct Options {};

absl::Status Run(const Options&, Session& session) {
  const auto all = CallAllPages<v1::MetricService>(session, &v1::MetricService::Stub::ListPins,
                                                   v1::ListPinsRequest());
  if (!all.ok()) return all.status();
  session.Print(*all, TableOf(*all));
  return absl::OkStatus();
}

}  // namespace

void AddMetricPinList(CLI::App& group, Invocation& invocation) {
  CLI::App* command = group.add_subcommand("list", "List what outlives --retention");
  RunWhenNamed(*command, invocation, std::make_shared<Options>(), &Run);
}

}  // namespace grayling

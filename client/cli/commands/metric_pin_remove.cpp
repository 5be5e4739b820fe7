#include <memory>
#include <ostream>

#include "client/cli/arguments.h"
#include "client/cli/commands/commands.h"
#include "client/cli/dispatch.h"
#include "grayling/v1/metric.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string name;
};

absl::Status Run(const Options& options, Session& session) {
  v1::DeletePinRequest request;
  request.set_name(ResourceName("pins", options.name));
  const auto answer =
      Call<v1::MetricService>(session, &v1::MetricService::Stub::DeletePin, request);
  if (!answer.ok()) return answer.status();
  session.err() << request.name() << " removed: " << answer->consequence() << "\n";
  return absl::OkStatus();
}

}  // namespace

void AddMetricPinRemove(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("remove", "Keep it no longer than --retention says");
  command->add_option("PIN", options->name, "Its name")->required();
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

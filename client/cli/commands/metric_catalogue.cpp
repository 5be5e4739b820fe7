#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/metric.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string group;
};

absl::Status Run(const Options& options, Session& session) {
  v1::ListMetricCatalogueRequest request;
  request.set_group(options.group);
  const auto all = CallAllPages<v1::MetricService>(
      session, &v1::MetricService::Stub::ListMetricCatalogue, request);
  if (!all.ok()) return all.status();
  session.Print(*all, TableOf(*all));
  return absl::OkStatus();
}

}  // namespace

void AddMetricCatalogue(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand(
      "catalogue", "List the metrics that were selected for gray failures, and why");
  command->add_option("--group", options->group,
                      "cpu, memory, disk, network, container, scheduler, jvm, l7 or client");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

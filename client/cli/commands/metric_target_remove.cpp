#include "client/cli/commands/commands.h"

#include <memory>
#include <ostream>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/metric.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string name;
};

absl::Status Run(const Options& options, Session& session) {
  v1::DeleteScrapeTargetRequest request;
  request.set_name(ResourceName("scrapeTargets", options.name));
  const auto answer =
      Call<v1::MetricService>(session, &v1::MetricService::Stub::DeleteScrapeTarget, request);
  if (!answer.ok()) return answer.status();
  session.err() << request.name() << " removed\n";
  return absl::OkStatus();
}

}  // namespace

void AddMetricTargetRemove(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("remove", "Scrape it no more; what was recorded stays");
  command->add_option("TARGET", options->name, "Its name")->required();
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

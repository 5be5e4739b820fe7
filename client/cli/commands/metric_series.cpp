#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/commands/commands.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/metric.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string selector;
  std::string contains;
};

absl::Status Run(const Options& options, Session& session) {
  v1::ListSeriesRequest request;
  request.set_selector(options.selector);
  request.set_contains(options.contains);
  request.set_page_size(1000);
  const auto all =
      CallAllPages<v1::MetricService>(session, &v1::MetricService::Stub::ListSeries, request);
  if (!all.ok()) return all.status();
  session.Print(*all, TableOf(*all));
  return absl::OkStatus();
}

}  // namespace

void AddMetricSeries(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("series", "List the recorded series");
  command->add_option("SELECTOR", options->selector,
                      "Prometheus's matchers: 'name{a=\"x\",b=~\"v.*\"}'; every series by default");
  command->add_option("--contains", options->contains, "Only series whose text contains this");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

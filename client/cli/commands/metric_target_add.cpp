#include "client/cli/commands/commands.h"

#include <memory>

#include "base/proto_time.h"
#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "client/cli/scrape_arguments.h"
#include "client/cli/vm_forward.h"
#include "grayling/v1/metric.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string id;
  std::string url;
  std::string vm;
  uint32_t guest_port = 0;
  std::string path = "/metrics";
  absl::Duration period = absl::Seconds(1);
  absl::Duration timeout;
  std::map<std::string, std::string> labels;
  ScrapeArguments more;
};

absl::Status Run(const Options& options, Session& session) {
  v1::CreateScrapeTargetRequest request;
  request.set_scrape_target_id(options.id);
  v1::ScrapeTarget& target = *request.mutable_scrape_target();
  GRAYLING_RETURN_IF_ERROR(options.more.Fill(target));
  target.set_url(options.url);
  if (options.url.empty()) {
    GRAYLING_ASSIGN_OR_RETURN(const std::string base,
                              ForwardedUrl(session, options.vm, options.guest_port));
    target.set_url(base + options.path);
  }
  ToProto(options.period, target.mutable_period());
  if (options.timeout > absl::ZeroDuration()) ToProto(options.timeout, target.mutable_timeout());
  target.mutable_labels()->insert(options.labels.begin(), options.labels.end());
  const auto created =
      Call<v1::MetricService>(session, &v1::MetricService::Stub::CreateScrapeTarget, request);
  if (!created.ok()) return created.status();
  session.Print(*created, TableOf(*created));
  return absl::OkStatus();
}

}  // namespace

void AddMetricTargetAdd(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("add", "Scrape a Prometheus endpoint from now on");
  command->add_option("TARGET", options->id, "A name for it")->required();
  auto* where = command->add_option_group("where");
  where->add_option("--url", options->url, "http://127.0.0.1:PORT/metrics");
  CLI::Option* vm = where->add_option("--vm", options->vm, "A VM that forwards --guest-port");
  where->require_option(1);
  CLI::Option* port = command->add_option("--guest-port", options->guest_port, "With --vm")
                          ->check(CLI::Range(1, 65535))
                          ->needs(vm);
  vm->needs(port);
  command->add_option("--path", options->path, "With --vm: the path")
      ->capture_default_str()
      ->needs(vm);
  AddDuration(*command, "--period", options->period, "From scrape to scrape");
  AddDuration(*command, "--timeout", options->timeout, "For one scrape")
      ->default_str("the daemon's choice");
  AddLabels(*command, "--label", options->labels, "Added to every series; repeatable");
  options->more.AddTo(*command);
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

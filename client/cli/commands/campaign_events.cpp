#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/campaign.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string name;
};

absl::Status Run(const Options& options, Session& session) {
  v1::ListCampaignEventsRequest request;
  request.set_name(ResourceName("campaigns", options.name));
  const auto all = CallAllPages<v1::CampaignService>(
      session, &v1::CampaignService::Stub::ListCampaignEvents, request);
  if (!all.ok()) return all.status();
  session.Print(*all, TableOf(*all));
  return absl::OkStatus();
}

}  // namespace

void AddCampaignEvents(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      group.add_subcommand("events", "Show what happened to a campaign and to its faults");
  command->add_option("CAMPAIGN", options->name, "Its name")->required();
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

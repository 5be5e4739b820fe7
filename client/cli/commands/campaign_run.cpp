#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/follow_campaign.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/campaign.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string file;
  bool detach = false;
};

absl::Status Run(const Options& options, Session& session) {
  v1::StartCampaignRequest request;
  GRAYLING_ASSIGN_OR_RETURN(*request.mutable_plan_yaml(), ReadWholeFile(options.file));
  if (!options.detach) return StartAndFollowCampaign(session, request);
  const auto campaign =
      Call<v1::CampaignService>(session, &v1::CampaignService::Stub::StartCampaign, request);
  if (!campaign.ok()) return campaign.status();
  session.Print(*campaign, TableOf(*campaign));
  return absl::OkStatus();
}

}  // namespace

void AddCampaignRun(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      group.add_subcommand("run", "Execute a plan and follow it; Ctrl-C aborts the campaign");
  command->add_option("FILE", options->file, "The plan, in YAML")->required();
  command->add_flag("--detach", options->detach, "Start it and return at once");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

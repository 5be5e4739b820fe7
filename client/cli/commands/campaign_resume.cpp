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
  v1::ResumeCampaignRequest request;
  request.set_name(ResourceName("campaigns", options.name));
  const auto answer = Call<v1::CampaignService>(session, &v1::CampaignService::Stub::ResumeCampaign,
                                                request, absl::Minutes(2));
  if (!answer.ok()) return answer.status();
  session.Print(*answer, TableOf(*answer));
  return absl::OkStatus();
}

}  // namespace

void AddCampaignResume(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("resume", "Let a paused campaign go on");
  command->add_option("CAMPAIGN", options->name, "Its name")->required();
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

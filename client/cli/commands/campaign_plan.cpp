#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/campaign.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string file;
  std::string svg;  // path; empty: no picture
};

absl::Status Run(const Options& options, Session& session) {
  v1::PlanCampaignRequest request;
  GRAYLING_ASSIGN_OR_RETURN(*request.mutable_plan_yaml(), ReadWholeFile(options.file));
  auto plan = Call<v1::CampaignService>(session, &v1::CampaignService::Stub::PlanCampaign, request);
  if (!plan.ok()) return plan.status();
  if (!options.svg.empty()) GRAYLING_RETURN_IF_ERROR(WriteWholeFile(options.svg, plan->svg()));
  plan->clear_svg();  // a picture is no help among the answer's words
  session.Print(*plan, TableOf(*plan));
  return absl::OkStatus();
}

}  // namespace

void AddCampaignPlan(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      group.add_subcommand("plan", "Check a plan and show its timeline; changes nothing");
  command->add_option("FILE", options->file, "The plan, in YAML")->required();
  command->add_option("--svg", options->svg, "Write the timeline as a picture into this file");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling

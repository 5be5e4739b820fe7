#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/cli/output/cells.h"
#include "client/cli/output/tables.h"

#include <map>

namespace grayling {
namespace {

std::string ParametersOf(const v1::FaultSpec& spec) {
  // A proto map has no order.
  const std::map<std::string, double> sorted(spec.parameters().begin(), spec.parameters().end());
  return absl::StrJoin(sorted, " ", absl::PairFormatter("="));
}

Table WindowTable(const google::protobuf::RepeatedPtrField<v1::FaultWindow>& windows) {
  Table table;
  table.columns = {"WINDOW", "GROUP", "KIND",           "SERVICE",      "PARAMETERS",
                   "START",  "END",   "VERIFIED_START", "VERIFIED_END", "OUTCOME"};
  for (const v1::FaultWindow& window : windows) {
    table.rows.push_back({absl::StrCat(window.index()), window.group(), window.spec().kind(),
                          window.spec().service(), ParametersOf(window.spec()),
                          Cell(window.planned_start()), Cell(window.planned_end()),
                          Cell(window.start_time()), Cell(window.end_time()), window.outcome()});
  }
  return table;
}

}  // namespace

std::string StateName(v1::CampaignState state) {
  const std::string name = v1::CampaignState_Name(state);
  return absl::AsciiStrToLower(absl::StripPrefix(name, "CAMPAIGN_STATE_"));
}

Table TableOf(const v1::Campaign& campaign) {
  Table table = WindowTable(campaign.windows());
  std::string line = absl::StrCat(campaign.name(), ": ", StateName(campaign.state()));
  if (!campaign.phase().empty()) absl::StrAppend(&line, ", phase ", campaign.phase());
  if (!campaign.reason().empty()) absl::StrAppend(&line, ": ", campaign.reason());
  table.summary.push_back(line);
  return table;
}

Table TableOf(const v1::ListCampaignsResponse& list) {
  Table table;
  table.columns = {"NAME", "STATE", "PHASE", "WINDOWS", "START", "END", "REASON"};
  for (const v1::Campaign& campaign : list.campaigns()) {
    table.rows.push_back({campaign.name(), StateName(campaign.state()), campaign.phase(),
                          absl::StrCat(campaign.windows_size()), Cell(campaign.start_time()),
                          Cell(campaign.end_time()), campaign.reason()});
  }
  return table;
}

Table TableOf(const v1::ListCampaignEventsResponse& list) {
  Table table;
  table.columns = {"TIME", "GUEST_TIME", "SUBJECT", "EVENT"};
  for (const v1::CampaignEvent& event : list.events()) {
    table.rows.push_back(
        {Cell(event.time()), Cell(event.guest_time()), event.subject(), event.text()});
  }
  return table;
}

}  // namespace grayling

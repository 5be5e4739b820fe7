#include "daemon/detect/campaign_dataset.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/detect/proto_time.h"
#include "grayling/v1/campaign.pb.h"
#include "ml/core/edges.h"

namespace grayling {
namespace {

constexpr char kDone[] = "done";

double UnixSeconds(const google::protobuf::Timestamp& stamp) {
  return static_cast<double>(stamp.seconds()) + stamp.nanos() * 1e-9;
}

absl::StatusOr<v1::Campaign> EndedCampaign(RecordStore& campaigns, const std::string& name) {
  GRAYLING_ASSIGN_OR_RETURN(const Record record, campaigns.Get(name));
  v1::Campaign campaign;
  if (!campaign.ParseFromString(record.body)) {
    return absl::DataLossError(absl::StrCat("the record of ", name, " cannot be read"));
  }
  if (campaign.state() == v1::CAMPAIGN_STATE_RUNNING || !campaign.has_end_time()) {
    return absl::FailedPreconditionError(
        absl::StrCat(name, " still runs; wait for its end or abort it"));
  }
  if (!campaign.has_start_time()) {
    return absl::FailedPreconditionError(absl::StrCat(name, " never began: nothing is recorded"));
  }
  return campaign;
}

}  // namespace

absl::StatusOr<CampaignDataset> OpenCampaignDataset(
    RecordStore& campaigns, SampleStore& samples, const std::string& name, absl::Duration step,
    absl::FunctionRef<std::optional<double>(const v1::FaultSpec&)> intensity_of) {
  GRAYLING_ASSIGN_OR_RETURN(const v1::Campaign campaign, EndedCampaign(campaigns, name));
  GRAYLING_ASSIGN_OR_RETURN(
      Recording recording,
      Recording::Open(samples, TimeOf(campaign.start_time()), TimeOf(campaign.end_time()), step));
  v1::DatasetHeader header;
  header.set_name(name);
  header.set_period_s(absl::ToDoubleSeconds(step));
  for (const std::string& column : recording.columns()) header.add_columns(column);
  for (const v1::FaultWindow& window : campaign.windows()) {
    if (window.outcome() != kDone) continue;
    v1::LabelWindow* label = header.add_windows();
    label->set_start(UnixSeconds(window.start_time()));
    label->set_end(UnixSeconds(window.end_time()));
    label->set_label(window.spec().kind());
    label->set_service(window.spec().service());
    label->set_group(window.group());
    label->set_intensity(intensity_of(window.spec()).value_or(0));
  }
  for (const auto& [caller, callee] : EdgesOf(recording.columns())) {
    v1::Edge* edge = header.add_edges();
    edge->set_caller(caller);
    edge->set_callee(callee);
  }
  return CampaignDataset{std::move(header), std::move(recording)};
}

}  // namespace grayling

#include "daemon/detect/campaign_dataset.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "grayling/v1/campaign.pb.h"
#include "ml/core/edges.h"

namespace grayling {
namespace {

constexpr char kDone[] = "done";
constexpr char kPlanned[] = "planned";
constexpr char kSkipped[] = "skipped: ";
constexpr char kNoFault[] = "none";
// A fault's traces stay in the metrics for some rows after it ended.
constexpr absl::Duration kAftermath = absl::Seconds(4);

double UnixSeconds(const google::protobuf::Timestamp& stamp) {
  return static_cast<double>(stamp.seconds()) + stamp.nanos() * 1e-9;
}

struct Span {
  absl::Time from;
  absl::Time to;
};

// When the fault of a window that gives no label may have been active: between its instants where
// they are known, else as planned.
Span MaybeFaulty(const v1::FaultWindow& window, absl::Time campaign_start) {
  const absl::Duration planned_start = FromProto(window.planned_start());
  const absl::Duration length = FromProto(window.planned_end()) - planned_start;
  const bool begun = window.start_time().seconds() > 0;  // an unknown instant is written as 0
  const absl::Time from = begun ? FromProto(window.start_time()) : campaign_start + planned_start;
  const absl::Time end = FromProto(window.end_time());
  if (end > from) return {from, end};
  return {from, from + length + (begun ? absl::ZeroDuration() : FromProto(window.lateness()))};
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
  GRAYLING_ASSIGN_OR_RETURN(Recording recording,
                            Recording::Open(samples, FromProto(campaign.start_time()),
                                            FromProto(campaign.end_time()), step));
  v1::DatasetHeader header;
  header.set_name(name);
  header.set_period_s(absl::ToDoubleSeconds(step));
  for (const std::string& column : recording.columns()) header.add_columns(column);
  for (const v1::CampaignPause& pause : campaign.pauses()) {
    const absl::Time end =
        pause.has_end_time() ? FromProto(pause.end_time()) : FromProto(campaign.end_time());
    if (end > FromProto(pause.start_time())) {
      recording.LeaveOut(FromProto(pause.start_time()), end);
    }
  }
  for (const v1::FaultWindow& window : campaign.windows()) {
    for (const v1::WindowAttempt& attempt : window.earlier_attempts()) {
      if (!attempt.has_start_time()) continue;
      recording.LeaveOut(FromProto(attempt.start_time()),
                         FromProto(attempt.end_time()) + kAftermath);
    }
    if (window.outcome() == kPlanned) continue;
    if (absl::StartsWith(window.outcome(), kSkipped) && !window.has_start_time()) continue;
    if (window.outcome() != kDone) {
      const Span span = MaybeFaulty(window, FromProto(campaign.start_time()));
      recording.LeaveOut(span.from, span.to + kAftermath);
      continue;
    }
    if (window.spec().kind() == kNoFault) continue;  // healthy from end to end
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

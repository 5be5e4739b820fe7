#include "base/proto_time.h"
#include "daemon/rpc/campaign_service.h"

#include <utility>

#include "daemon/campaign/plan.h"
#include "daemon/campaign/plan_preview.h"
#include "daemon/campaign/timeline.h"
#include "daemon/rpc/paging.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {
namespace {

// How long a watcher that went away may go unnoticed.
constexpr absl::Duration kLookForCancel = absl::Milliseconds(500);

grpc::Status Answer(absl::StatusOr<v1::Campaign> campaign, v1::Campaign* response) {
  if (!campaign.ok()) return ToGrpc(campaign.status());
  *response = *std::move(campaign);
  return grpc::Status::OK;
}

}  // namespace

grpc::Status CampaignServiceAdapter::PlanCampaign(grpc::ServerContext*,
                                                  const v1::PlanCampaignRequest* request,
                                                  v1::PlanCampaignResponse* response) {
  const absl::StatusOr<CampaignPlan> plan = ParsePlan(request->plan_yaml());
  if (!plan.ok()) return ToGrpc(plan.status());
  *response = PreviewOf(*plan, LayOut(*plan), load_.Statistics(), load_.Settings());
  return grpc::Status::OK;
}

grpc::Status CampaignServiceAdapter::StartCampaign(grpc::ServerContext*,
                                                   const v1::StartCampaignRequest* request,
                                                   v1::Campaign* response) {
  const absl::StatusOr<std::string> name =
      requests_.Once(request->request_id(), [&]() -> absl::StatusOr<std::string> {
        const absl::StatusOr<v1::Campaign> campaign = campaigns_.Start(request->plan_yaml());
        if (!campaign.ok()) return campaign.status();
        return campaign->name();
      });
  if (!name.ok()) return ToGrpc(name.status());
  return Answer(campaigns_.Get(*name), response);
}

grpc::Status CampaignServiceAdapter::AbortCampaign(grpc::ServerContext*,
                                                   const v1::AbortCampaignRequest* request,
                                                   v1::Campaign* response) {
  return Answer(campaigns_.Abort(request->name()), response);
}

grpc::Status CampaignServiceAdapter::PauseCampaign(grpc::ServerContext*,
                                                   const v1::PauseCampaignRequest* request,
                                                   v1::Campaign* response) {
  return Answer(campaigns_.Pause(request->name()), response);
}

grpc::Status CampaignServiceAdapter::ResumeCampaign(grpc::ServerContext*,
                                                    const v1::ResumeCampaignRequest* request,
                                                    v1::Campaign* response) {
  return Answer(campaigns_.Resume(request->name()), response);
}

grpc::Status CampaignServiceAdapter::ListCampaignEvents(
    grpc::ServerContext*, const v1::ListCampaignEventsRequest* request,
    v1::ListCampaignEventsResponse* response) {
  const absl::StatusOr<std::vector<Event>> events = campaigns_.Events(request->name());
  if (!events.ok()) return ToGrpc(events.status());
  const absl::StatusOr<Page> page =
      PageOf(events->size(), request->page_size(), request->page_token());
  if (!page.ok()) return ToGrpc(page.status());
  for (size_t i = page->begin; i < page->end; ++i) {
    const Event& event = (*events)[i];
    v1::CampaignEvent& proto = *response->add_events();
    ToProto(event.time, proto.mutable_time());
    if (event.guest_time != absl::InfinitePast()) {
      ToProto(event.guest_time, proto.mutable_guest_time());
    }
    proto.set_subject(event.subject);
    proto.set_text(event.text);
  }
  response->set_next_page_token(page->next_token);
  return grpc::Status::OK;
}

grpc::Status CampaignServiceAdapter::GetCampaign(grpc::ServerContext*,
                                                 const v1::GetCampaignRequest* request,
                                                 v1::Campaign* response) {
  return Answer(campaigns_.Get(request->name()), response);
}

grpc::Status CampaignServiceAdapter::ListCampaigns(grpc::ServerContext*,
                                                   const v1::ListCampaignsRequest* request,
                                                   v1::ListCampaignsResponse* response) {
  absl::StatusOr<std::vector<v1::Campaign>> campaigns = campaigns_.List();
  if (!campaigns.ok()) return ToGrpc(campaigns.status());
  const absl::StatusOr<Page> page =
      PageOf(campaigns->size(), request->page_size(), request->page_token());
  if (!page.ok()) return ToGrpc(page.status());
  for (size_t i = page->begin; i < page->end; ++i) {
    *response->add_campaigns() = std::move((*campaigns)[i]);
  }
  response->set_next_page_token(page->next_token);
  return grpc::Status::OK;
}

grpc::Status CampaignServiceAdapter::WatchCampaign(
    grpc::ServerContext* context, const v1::WatchCampaignRequest* request,
    grpc::ServerWriter<v1::WatchCampaignResponse>* writer) {
  uint64_t seen = 0;
  while (!context->IsCancelled()) {
    absl::StatusOr<CampaignSnapshot> snapshot =
        campaigns_.WaitForChange(request->name(), seen, kLookForCancel);
    if (!snapshot.ok()) return ToGrpc(snapshot.status());
    if (snapshot->version == seen) continue;
    seen = snapshot->version;
    const bool has_ended = snapshot->HasEnded();
    v1::WatchCampaignResponse response;
    *response.mutable_campaign() = std::move(snapshot->campaign);
    if (!writer->Write(response)) break;
    if (has_ended) return grpc::Status::OK;
  }
  return grpc::Status(grpc::StatusCode::CANCELLED, "the watcher went away");
}

}  // namespace grayling

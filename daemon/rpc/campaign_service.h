#pragma once

#include "daemon/campaign/campaigns.h"
#include "daemon/rpc/request_memory.h"
#include "grayling/v1/campaign.grpc.pb.h"

namespace grayling {

// CampaignService on Campaigns. Thread-safe.
class CampaignServiceAdapter final : public v1::CampaignService::Service {
 public:
  // Both must outlive the adapter. What `load` measured last is the ground of traffic estimates.
  CampaignServiceAdapter(Campaigns& campaigns, LoadGenerator& load)
      : campaigns_(campaigns), load_(load) {}

  grpc::Status PlanCampaign(grpc::ServerContext* context, const v1::PlanCampaignRequest* request,
                            v1::PlanCampaignResponse* response) override;
  // A repeated request id answers with the campaign of the first call, as it is now.
  grpc::Status StartCampaign(grpc::ServerContext* context, const v1::StartCampaignRequest* request,
                             v1::Campaign* response) override;
  // Answers when the campaign has ended, its fault reverted.
  grpc::Status AbortCampaign(grpc::ServerContext* context, const v1::AbortCampaignRequest* request,
                             v1::Campaign* response) override;
  // Answers when the campaign stands still.
  grpc::Status PauseCampaign(grpc::ServerContext* context, const v1::PauseCampaignRequest* request,
                             v1::Campaign* response) override;
  grpc::Status ResumeCampaign(grpc::ServerContext* context,
                              const v1::ResumeCampaignRequest* request,
                              v1::Campaign* response) override;
  grpc::Status ListCampaignEvents(grpc::ServerContext* context,
                                  const v1::ListCampaignEventsRequest* request,
                                  v1::ListCampaignEventsResponse* response) override;
  grpc::Status GetCampaign(grpc::ServerContext* context, const v1::GetCampaignRequest* request,
                           v1::Campaign* response) override;
  grpc::Status ListCampaigns(grpc::ServerContext* context, const v1::ListCampaignsRequest* request,
                             v1::ListCampaignsResponse* response) override;
  grpc::Status WatchCampaign(grpc::ServerContext* context, const v1::WatchCampaignRequest* request,
                             grpc::ServerWriter<v1::WatchCampaignResponse>* writer) override;

 private:
  Campaigns& campaigns_;
  LoadGenerator& load_;
  RequestMemory requests_;
};

}  // namespace grayling

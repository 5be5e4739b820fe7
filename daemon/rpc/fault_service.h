#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "daemon/fault/faults.h"
#include "daemon/rpc/request_memory.h"
#include "grayling/v1/fault.grpc.pb.h"

namespace grayling {

// FaultService on Faults. Thread-safe.
class FaultServiceAdapter final : public v1::FaultService::Service {
 public:
  // The name of the campaign that runs in a VM (vms/lab), if one does.
  using CampaignIn = std::function<std::optional<std::string>(const std::string& vm)>;

  // `faults` must outlive the adapter.
  FaultServiceAdapter(Faults& faults, CampaignIn campaign_in)
      : faults_(faults), campaign_in_(std::move(campaign_in)) {}

  grpc::Status ListFaultKinds(grpc::ServerContext* context,
                              const v1::ListFaultKindsRequest* request,
                              v1::ListFaultKindsResponse* response) override;
  // A repeated request id answers with the fault of the first call, as it is now.
  // FAILED_PRECONDITION while a campaign runs in the VM: its labels know only its own faults.
  grpc::Status InjectFault(grpc::ServerContext* context, const v1::InjectFaultRequest* request,
                           v1::Fault* response) override;
  grpc::Status RevertFault(grpc::ServerContext* context, const v1::RevertFaultRequest* request,
                           v1::Fault* response) override;
  grpc::Status RevertAllFaults(grpc::ServerContext* context,
                               const v1::RevertAllFaultsRequest* request,
                               v1::RevertAllFaultsResponse* response) override;
  grpc::Status GetFault(grpc::ServerContext* context, const v1::GetFaultRequest* request,
                        v1::Fault* response) override;
  grpc::Status ListFaults(grpc::ServerContext* context, const v1::ListFaultsRequest* request,
                          v1::ListFaultsResponse* response) override;

 private:
  absl::StatusOr<std::string> Inject(const v1::FaultSpec& spec);

  Faults& faults_;
  const CampaignIn campaign_in_;
  RequestMemory requests_;
};

}  // namespace grayling

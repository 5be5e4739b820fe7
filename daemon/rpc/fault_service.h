#pragma once

#include "daemon/fault/faults.h"
#include "daemon/rpc/request_memory.h"
#include "grayling/v1/fault.grpc.pb.h"

namespace grayling {

// A fault as the contract shows it. Instants that did not happen stay unset.
v1::Fault ToFaultProto(const FaultRecord& fault);

// FaultService on Faults. Thread-safe.
class FaultServiceAdapter final : public v1::FaultService::Service {
 public:
  // `faults` must outlive the adapter.
  explicit FaultServiceAdapter(Faults& faults) : faults_(faults) {}

  grpc::Status ListFaultKinds(grpc::ServerContext* context,
                              const v1::ListFaultKindsRequest* request,
                              v1::ListFaultKindsResponse* response) override;
  // A repeated request id answers with the fault of the first call, as it is now.
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
  Faults& faults_;
  RequestMemory requests_;
};

}  // namespace grayling

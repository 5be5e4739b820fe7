#pragma once

#include "daemon/rpc/operations.h"
#include "grayling/v1/operation.grpc.pb.h"

namespace grayling {

// OperationService on Operations. Thread-safe.
class OperationServiceAdapter final : public v1::OperationService::Service {
 public:
  // `operations` must outlive the adapter.
  explicit OperationServiceAdapter(Operations& operations) : operations_(operations) {}

  grpc::Status GetOperation(grpc::ServerContext* context, const v1::GetOperationRequest* request,
                            v1::Operation* response) override;
  grpc::Status ListOperations(grpc::ServerContext* context,
                              const v1::ListOperationsRequest* request,
                              v1::ListOperationsResponse* response) override;
  // Without a timeout it waits as long as the caller does.
  grpc::Status WaitOperation(grpc::ServerContext* context, const v1::WaitOperationRequest* request,
                             v1::Operation* response) override;

 private:
  Operations& operations_;
};

}  // namespace grayling

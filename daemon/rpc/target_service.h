#pragma once

#include "daemon/guest/guests.h"
#include "grayling/v1/target.grpc.pb.h"

namespace grayling {

// TargetService: asks the guest itself, every time. Thread-safe.
class TargetServiceAdapter final : public v1::TargetService::Service {
 public:
  // `guests` must outlive the adapter.
  explicit TargetServiceAdapter(Guests& guests) : guests_(guests) {}

  grpc::Status ListServices(grpc::ServerContext* context, const v1::ListServicesRequest* request,
                            v1::ListServicesResponse* response) override;

 private:
  Guests& guests_;
};

}  // namespace grayling

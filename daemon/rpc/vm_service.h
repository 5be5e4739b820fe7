#pragma once

#include "daemon/guest/guests.h"
#include "daemon/rpc/operations.h"
#include "daemon/vm/vms.h"
#include "grayling/v1/vm.grpc.pb.h"

namespace grayling {

// VmService on Vms; start and stop become operations. Thread-safe.
class VmServiceAdapter final : public v1::VmService::Service {
 public:
  static constexpr absl::Duration kDefaultAgentTimeout = absl::Minutes(5);
  static constexpr absl::Duration kDefaultGrace = absl::Minutes(1);
  static constexpr absl::Duration kDefaultExecTimeout = absl::Minutes(1);
  static constexpr absl::Duration kLongestExecTimeout = absl::Minutes(5);

  // All three must outlive the adapter; `vms` must outlive `operations`, whose work uses it.
  VmServiceAdapter(Vms& vms, Guests& guests, Operations& operations)
      : vms_(vms), guests_(guests), operations_(operations) {}

  grpc::Status DefineVm(grpc::ServerContext* context, const v1::DefineVmRequest* request,
                        v1::Vm* response) override;
  grpc::Status GetVm(grpc::ServerContext* context, const v1::GetVmRequest* request,
                     v1::Vm* response) override;
  grpc::Status ListVms(grpc::ServerContext* context, const v1::ListVmsRequest* request,
                       v1::ListVmsResponse* response) override;
  // NOT_FOUND at once for an unknown VM; all else shows in the operation.
  grpc::Status StartVm(grpc::ServerContext* context, const v1::StartVmRequest* request,
                       v1::Operation* response) override;
  // A grace of 0 pulls the plug at once; none means kDefaultGrace.
  grpc::Status StopVm(grpc::ServerContext* context, const v1::StopVmRequest* request,
                      v1::Operation* response) override;
  grpc::Status DeleteVm(grpc::ServerContext* context, const v1::DeleteVmRequest* request,
                        v1::DeleteVmResponse* response) override;
  // Ends early when the client has gone or the server stops. INVALID_ARGUMENT for a time-out above
  // kLongestExecTimeout.
  grpc::Status ExecVm(grpc::ServerContext* context, const v1::ExecVmRequest* request,
                      v1::ExecVmResponse* response) override;

 private:
  grpc::Status Operate(const std::string& name, Operations::Work work, v1::Operation* response);

  Vms& vms_;
  Guests& guests_;
  Operations& operations_;
};

}  // namespace grayling

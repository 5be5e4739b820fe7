#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "daemon/calibration/calibrations.h"
#include "daemon/rpc/request_memory.h"
#include "grayling/v1/calibration.grpc.pb.h"

namespace grayling {

// CalibrationService on Calibrations. Thread-safe.
class CalibrationServiceAdapter final : public v1::CalibrationService::Service {
 public:
  // The name of the campaign that runs in a VM (vms/lab), if one does.
  using CampaignIn = std::function<std::optional<std::string>(const std::string& vm)>;

  // `calibrations` must outlive the adapter.
  CalibrationServiceAdapter(Calibrations& calibrations, CampaignIn campaign_in)
      : calibrations_(calibrations), campaign_in_(std::move(campaign_in)) {}

  // FAILED_PRECONDITION while a campaign runs in the VM.
  grpc::Status StartCalibration(grpc::ServerContext* context,
                                const v1::StartCalibrationRequest* request,
                                v1::Calibration* response) override;
  grpc::Status StopCalibration(grpc::ServerContext* context,
                               const v1::StopCalibrationRequest* request,
                               v1::Calibration* response) override;
  grpc::Status GetCalibration(grpc::ServerContext* context,
                              const v1::GetCalibrationRequest* request,
                              v1::Calibration* response) override;
  grpc::Status ListCalibrations(grpc::ServerContext* context,
                                const v1::ListCalibrationsRequest* request,
                                v1::ListCalibrationsResponse* response) override;

 private:
  absl::StatusOr<std::string> Start(const v1::StartCalibrationRequest& request);

  Calibrations& calibrations_;
  const CampaignIn campaign_in_;
  RequestMemory requests_;
};

}  // namespace grayling

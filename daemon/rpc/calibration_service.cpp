#include "daemon/rpc/calibration_service.h"

#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "daemon/fault/fault_spec.h"
#include "daemon/rpc/paging.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {
namespace {

constexpr char kDefaultSlo[] = "errors<=1%";

grpc::Status Answer(absl::StatusOr<v1::Calibration> calibration, v1::Calibration* response) {
  if (!calibration.ok()) return ToGrpc(calibration.status());
  *response = *std::move(calibration);
  return grpc::Status::OK;
}

}  // namespace

absl::StatusOr<std::string> CalibrationServiceAdapter::Start(
    const v1::StartCalibrationRequest& request) {
  const std::optional<std::string> campaign = campaign_in_(request.spec().vm());
  if (campaign.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat(*campaign, " runs in ", request.spec().vm(),
                     ", and a calibration would spoil its labels; wait for its end or abort it"));
  }
  CalibrationRequest wanted;
  wanted.fault = FromSpecProto(request.spec());
  GRAYLING_ASSIGN_OR_RETURN(wanted.slo,
                            ParseSlo(request.slo().empty() ? kDefaultSlo : request.slo()));
  wanted.targets_percent.assign(request.targets_percent().begin(), request.targets_percent().end());
  if (request.has_look_duration()) {
    wanted.look_s = static_cast<int>(absl::ToInt64Seconds(FromProto(request.look_duration())));
  }
  GRAYLING_ASSIGN_OR_RETURN(const v1::Calibration started,
                            calibrations_.Start(std::move(wanted), request.spec()));
  return started.name();
}

grpc::Status CalibrationServiceAdapter::StartCalibration(grpc::ServerContext*,
                                                         const v1::StartCalibrationRequest* request,
                                                         v1::Calibration* response) {
  const absl::StatusOr<std::string> name =
      requests_.Once(request->request_id(), [&] { return Start(*request); });
  if (!name.ok()) return ToGrpc(name.status());
  return Answer(calibrations_.Get(*name), response);
}

grpc::Status CalibrationServiceAdapter::StopCalibration(grpc::ServerContext*,
                                                        const v1::StopCalibrationRequest* request,
                                                        v1::Calibration* response) {
  return Answer(calibrations_.Stop(request->name()), response);
}

grpc::Status CalibrationServiceAdapter::GetCalibration(grpc::ServerContext*,
                                                       const v1::GetCalibrationRequest* request,
                                                       v1::Calibration* response) {
  return Answer(calibrations_.Get(request->name()), response);
}

grpc::Status CalibrationServiceAdapter::ListCalibrations(grpc::ServerContext*,
                                                         const v1::ListCalibrationsRequest* request,
                                                         v1::ListCalibrationsResponse* response) {
  absl::StatusOr<std::vector<v1::Calibration>> all = calibrations_.List();
  if (!all.ok()) return ToGrpc(all.status());
  const absl::StatusOr<Page> page =
      PageOf(all->size(), request->page_size(), request->page_token());
  if (!page.ok()) return ToGrpc(page.status());
  for (size_t i = page->begin; i < page->end; ++i) {
    *response->add_calibrations() = std::move((*all)[i]);
  }
  response->set_next_page_token(page->next_token);
  return grpc::Status::OK;
}

}  // namespace grayling

#include "daemon/rpc/dataset_service.h"

#include <algorithm>
#include <optional>

#include "base/proto_time.h"
#include "base/status_macros.h"
#include "daemon/detect/campaign_dataset.h"
#include "daemon/fault/catalogue.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {
namespace {

constexpr size_t kRowsPerMessage = 500;
// Well under gRPC's 4 MiB.
constexpr size_t kBytesPerMessage = 3'000'000;

// The first parameter of a fault's kind is its intensity.
std::optional<double> IntensityOf(const v1::FaultSpec& spec) {
  const absl::StatusOr<const FaultKind*> kind = FindFaultKind(spec.kind());
  if (!kind.ok() || (*kind)->Intensity() == nullptr) return std::nullopt;
  const FaultParameter& intensity = *(*kind)->Intensity();
  const auto given = spec.parameters().find(intensity.name);
  return given == spec.parameters().end() ? intensity.default_value : given->second;
}

absl::Status Stream(const CampaignDataset& dataset,
                    grpc::ServerWriter<v1::StreamDatasetResponse>& writer) {
  const auto send = [&writer](const v1::StreamDatasetResponse& message) {
    return writer.Write(message) ? absl::OkStatus()
                                 : absl::CancelledError("the client has left the stream");
  };
  v1::StreamDatasetResponse message;
  *message.mutable_header() = dataset.header;
  GRAYLING_RETURN_IF_ERROR(send(message));
  message.Clear();

  const size_t row_bytes = 8 * dataset.recording.columns().size() + 16;
  const size_t rows = std::clamp<size_t>(kBytesPerMessage / row_bytes, 1, kRowsPerMessage);
  GRAYLING_RETURN_IF_ERROR(
      dataset.recording.ForEachRow([&](double time_s, absl::Span<const double> values) {
        v1::DatasetRow* row = message.add_rows();
        row->set_time(time_s);
        row->mutable_values()->Add(values.begin(), values.end());
        if (message.rows_size() < static_cast<int>(rows)) return absl::OkStatus();
        const absl::Status sent = send(message);
        message.Clear();
        return sent;
      }));
  return message.rows_size() > 0 ? send(message) : absl::OkStatus();
}

}  // namespace

grpc::Status DatasetServiceAdapter::StreamDataset(
    grpc::ServerContext*, const v1::StreamDatasetRequest* request,
    grpc::ServerWriter<v1::StreamDatasetResponse>* writer) {
  const absl::Duration step = request->has_step() ? FromProto(request->step()) : absl::Seconds(1);
  const absl::StatusOr<CampaignDataset> dataset =
      OpenCampaignDataset(campaigns_, samples_, request->campaign(), step, IntensityOf);
  if (!dataset.ok()) return ToGrpc(dataset.status());
  return ToGrpc(Stream(*dataset, *writer));
}

}  // namespace grayling

#include "daemon/start/steps.h"

#include <spdlog/spdlog.h>

#include <optional>

#include "base/status_macros.h"
#include "daemon/rpc/calibration_service.h"
#include "daemon/rpc/campaign_service.h"
#include "daemon/rpc/dataset_service.h"
#include "daemon/rpc/detector_service.h"
#include "daemon/rpc/fault_service.h"
#include "daemon/rpc/load_service.h"
#include "daemon/rpc/metric_service.h"
#include "daemon/rpc/model_service.h"
#include "daemon/rpc/operation_service.h"
#include "daemon/rpc/target_service.h"
#include "daemon/rpc/vm_service.h"

namespace grayling {

absl::Status StartWorkers(const Settings&, Rooms& rooms) {
  GRAYLING_RETURN_IF_ERROR(rooms.scraper->Start());
  rooms.detector->Start();
  rooms.operations = std::make_unique<Operations>(rooms.clock);
  rooms.housekeeping = std::make_unique<Housekeeping>(
      *rooms.faults, *rooms.campaigns, *rooms.load, *rooms.detector, *rooms.exporter, rooms.clock);
  rooms.fault_series = std::make_unique<FaultSeries>(
      *rooms.faults, *rooms.samples, std::vector<BatchListener*>{rooms.exporter.get()},
      *rooms.exporter, rooms.clock);
  rooms.campaign_watch =
      std::make_unique<CampaignWatch>(*rooms.campaigns, *rooms.fault_series, rooms.clock);
  return absl::OkStatus();
}

absl::Status OpenServices(const Settings&, Rooms& rooms) {
  auto add = [&rooms](std::unique_ptr<grpc::Service> adapter) {
    rooms.adapters.push_back(std::move(adapter));
  };
  add(std::make_unique<VmServiceAdapter>(*rooms.vms, *rooms.guests, *rooms.operations));
  add(std::make_unique<OperationServiceAdapter>(*rooms.operations));
  add(std::make_unique<TargetServiceAdapter>(*rooms.guests));
  add(std::make_unique<FaultServiceAdapter>(
      *rooms.faults,
      [&campaigns = *rooms.campaigns](const std::string& vm) { return campaigns.RunningIn(vm); }));
  add(std::make_unique<CalibrationServiceAdapter>(
      *rooms.calibrations,
      [&campaigns = *rooms.campaigns](const std::string& vm) { return campaigns.RunningIn(vm); }));
  add(std::make_unique<CampaignServiceAdapter>(*rooms.campaigns, *rooms.load));
  add(std::make_unique<LoadServiceAdapter>(
      *rooms.load, rooms.clock, [&campaigns = *rooms.campaigns]() -> std::optional<std::string> {
        const std::optional<v1::Campaign> running = campaigns.Running();
        if (!running.has_value()) return std::nullopt;
        return running->name();
      }));
  auto metrics = std::make_unique<MetricServiceAdapter>(
      *rooms.scraper, *rooms.samples, *rooms.target_records,
      PushedSamples{*rooms.intake, *rooms.pins}, rooms.clock);
  if (absl::Status restored = metrics->RestoreTargets(); !restored.ok()) {
    spdlog::error("a scrape target was not restored: {}", std::string(restored.message()));
  }
  add(std::move(metrics));
  add(std::make_unique<DatasetServiceAdapter>(*rooms.campaign_records, *rooms.samples));
  add(std::make_unique<ModelServiceAdapter>(*rooms.models));
  add(std::make_unique<DetectorServiceAdapter>(*rooms.score_feed, *rooms.alarms));
  return absl::OkStatus();
}

}  // namespace grayling

#include "daemon/start/steps.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/metrics/sqlite_sample_store.h"
#include "daemon/metrics/victoria_metrics_sample_store.h"

namespace grayling {
namespace {

absl::Status OpenSamples(const Settings& settings, Rooms& rooms) {
  if (settings.sample_store == "embedded") {
    GRAYLING_ASSIGN_OR_RETURN(rooms.samples,
                              SqliteSampleStore::Open(settings.state_directory + "/samples.db"));
    return absl::OkStatus();
  }
  GRAYLING_ASSIGN_OR_RETURN(
      VictoriaMetricsAddress address,
      AddressOf(settings.victoriametrics_url, settings.victoriametrics_read_url));
  VictoriaMetricsSampleStoreOptions options;
  options.spool.largest_bytes = settings.sample_spool_mib << 20;
  GRAYLING_ASSIGN_OR_RETURN(rooms.samples, VictoriaMetricsSampleStore::Open(
                                               settings.state_directory + "/samples-spool.db",
                                               std::move(address), options));
  return absl::OkStatus();
}

}  // namespace

absl::Status OpenStores(const Settings& settings, Rooms& rooms) {
  std::error_code error;
  std::filesystem::create_directories(settings.state_directory, error);
  if (error) {
    return absl::FailedPreconditionError(absl::StrCat("cannot make the state folder ",
                                                      settings.state_directory, ": ",
                                                      error.message(), "; choose another --state"));
  }
  GRAYLING_ASSIGN_OR_RETURN(rooms.database,
                            Database::Open(settings.state_directory + "/grayling.db"));
  rooms.journal = std::make_unique<FaultJournal>(*rooms.database);
  rooms.events = std::make_unique<EventLog>(*rooms.database);
  rooms.model_activations = std::make_unique<ModelActivations>(*rooms.database);
  auto collection = [&rooms](const char* name) {
    return std::make_unique<RecordStore>(*rooms.database, name);
  };
  rooms.vm_records = collection("vms");
  rooms.target_records = collection("scrape_targets");
  rooms.campaign_records = collection("campaigns");
  rooms.calibration_records = collection("calibrations");
  rooms.model_records = collection("models");
  rooms.alarm_records = collection("alarms");
  rooms.pin_records = collection("pins");
  return OpenSamples(settings, rooms);
}

}  // namespace grayling

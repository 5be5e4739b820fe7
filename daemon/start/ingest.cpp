#include <spdlog/spdlog.h>

#include <vector>

#include "base/status_macros.h"
#include "daemon/start/steps.h"

namespace grayling {
namespace {

#ifdef GRAYLING_HAS_KAFKA
absl::Status ReadKafka(const Settings& settings, Rooms& rooms) {
  rooms.kafka = std::make_unique<KafkaIntake>(
      KafkaSettings{settings.kafka_brokers, settings.kafka_topic, settings.kafka_metadata_topic},
      *rooms.intake, rooms.clock);
  return absl::OkStatus();
}
#else
absl::Status ReadKafka(const Settings&, Rooms&) {
  return absl::UnimplementedError(
      "this graylingd was built without Kafka; leave --kafka-brokers out, or build it where "
      "librdkafka-dev is installed");
}
#endif

}  // namespace

absl::Status OpenIngest(const Settings& settings, Rooms& rooms) {
  rooms.intake = std::make_unique<SampleIntake>(
      *rooms.samples, std::vector<BatchListener*>{rooms.detector.get(), rooms.exporter.get()});
  rooms.remote_write = std::make_unique<RemoteWrite>(*rooms.intake);
  rooms.pins = std::make_unique<Pins>(*rooms.pin_records, *rooms.campaign_records, rooms.clock);
  if (settings.retention > absl::ZeroDuration()) {
    if (settings.sample_store != "embedded") {
      return absl::InvalidArgumentError(
          "VictoriaMetrics decides how long it keeps samples; leave --retention out and start it "
          "with -retentionPeriod");
    }
    rooms.retention =
        std::make_unique<Retention>(*rooms.samples, *rooms.pins, settings.retention, rooms.clock);
  }
  return absl::OkStatus();
}

absl::Status ServeIngest(const Settings& settings, Rooms& rooms) {
  if (rooms.retention != nullptr) rooms.retention->Start();
  if (!settings.kafka_brokers.empty()) GRAYLING_RETURN_IF_ERROR(ReadKafka(settings, rooms));
  if (settings.ingest_address.empty()) return absl::OkStatus();
  GRAYLING_ASSIGN_OR_RETURN(rooms.ingest_server,
                            IngestServer::Start(settings.ingest_address, *rooms.remote_write));
  spdlog::info("remote write is taken at http://{}/api/v1/write", rooms.ingest_server->address());
  return absl::OkStatus();
}

#ifdef GRAYLING_HAS_KAFKA
void StopKafka(Rooms& rooms) { rooms.kafka.reset(); }
#else
void StopKafka(Rooms&) {}
#endif

}  // namespace grayling

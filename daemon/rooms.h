#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <vector>

#include "base/clock.h"
#include "daemon/calibration/calibrations.h"
#include "daemon/campaign/campaigns.h"
#include "daemon/campaign/fault_series.h"
#include "daemon/campaign/grafana_annotations.h"
#include "daemon/campaign_watch.h"
#include "daemon/detect/alarm_log.h"
#include "daemon/detect/live_detector.h"
#include "daemon/detect/models.h"
#include "daemon/detect/score_feed.h"
#include "daemon/fault/faults.h"
#include "daemon/guest/guests.h"
#include "daemon/guest/local_executor.h"
#include "daemon/housekeeping.h"
#include "daemon/ingest/ingest_server.h"
#ifdef GRAYLING_HAS_KAFKA
#include "daemon/ingest/kafka_intake.h"
#endif
#include "daemon/ingest/remote_write.h"
#include "daemon/ingest/sample_intake.h"
#include "daemon/load/load_generator.h"
#include "daemon/load/load_recorder.h"
#include "daemon/metrics/daemon_exporter.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/scraper.h"
#include "daemon/retention/pins.h"
#include "daemon/retention/retention.h"
#include "daemon/rpc/operations.h"
#include "daemon/rpc/server.h"
#include "daemon/rpc/socket_lock.h"
#include "daemon/store/database.h"
#include "daemon/store/fault_journal.h"
#include "daemon/store/model_activations.h"
#include "daemon/store/records.h"
#include "daemon/vm/hypervisor.h"
#include "daemon/vm/vms.h"

namespace grayling {

// Everything the daemon owns, in the order of construction: a member may use those above it, and is
// destroyed before them.
struct Rooms {
  SystemClock clock;
  std::unique_ptr<SocketLock> socket_lock;

  std::unique_ptr<Database> database;
  std::unique_ptr<FaultJournal> journal;
  std::unique_ptr<EventLog> events;
  std::unique_ptr<ModelActivations> model_activations;
  std::unique_ptr<RecordStore> vm_records, target_records, campaign_records, calibration_records,
      model_records, alarm_records, pin_records;
  std::unique_ptr<SampleStore> samples;

  std::unique_ptr<DaemonExporter> exporter;
  std::unique_ptr<AlarmLog> alarms;
  std::unique_ptr<ScoreFeed> score_feed;
  std::unique_ptr<LiveDetector> detector;
  std::unique_ptr<Models> models;
  std::unique_ptr<Scraper> scraper;

  std::unique_ptr<SampleIntake> intake;
  std::unique_ptr<RemoteWrite> remote_write;
  std::unique_ptr<Pins> pins;
  std::unique_ptr<Retention> retention;  // null when everything is kept

  std::unique_ptr<Hypervisor> hypervisor;
  std::unique_ptr<Vms> vms;
  std::unique_ptr<Guests> guests;
  LocalExecutor host;
  std::unique_ptr<GrafanaClient> grafana;
  std::unique_ptr<GrafanaAnnotations> annotations;  // null without --grafana-url
  std::unique_ptr<Faults> faults;
  std::unique_ptr<LoadRecorder> load_recorder;
  std::unique_ptr<LoadGenerator> load;
  std::unique_ptr<Observer> observer;
  std::unique_ptr<Calibrations> calibrations;
  std::unique_ptr<Campaigns> campaigns;
  std::unique_ptr<Operations> operations;
  std::unique_ptr<Housekeeping> housekeeping;
  std::unique_ptr<FaultSeries> fault_series;
  std::unique_ptr<CampaignWatch> campaign_watch;

  std::vector<std::unique_ptr<grpc::Service>> adapters;
  std::unique_ptr<IngestServer> ingest_server;  // null without --ingest-address
#ifdef GRAYLING_HAS_KAFKA
  std::unique_ptr<KafkaIntake> kafka;  // null without --kafka-brokers
#endif
  std::unique_ptr<Server> server;
};

}  // namespace grayling

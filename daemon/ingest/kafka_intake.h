#pragma once

#include <set>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "base/clock.h"
#include "daemon/ingest/gala_messages.h"
#include "daemon/ingest/kafka_topic.h"
#include "daemon/ingest/sample_intake.h"

namespace grayling {

struct KafkaSettings {
  std::string brokers;  // host:port,host:port
  std::string topic = "gala_gopher";
  std::string metadata_topic = "gala_gopher_metadata";
  std::string group = "grayling";
};

// Takes gala-gopher's metrics from Kafka, in a thread of its own: first the metadata topic from its
// beginning, then the metrics. Offsets are committed only when the samples are on disk, so that
// what a crash lost is read again. While the brokers are away or the store refuses, it tries again.
// Messages that cannot be read, and entities without metadata, are logged and passed over.
class KafkaIntake {
 public:
  // Starts. `intake` and `clock` must outlive it.
  KafkaIntake(KafkaSettings settings, SampleIntake& intake, Clock& clock);
  // Ends within about a second; a store that hangs delays it.
  ~KafkaIntake();
  KafkaIntake(const KafkaIntake&) = delete;

 private:
  void Loop();
  absl::Status Run();
  void Read(absl::string_view message);
  // Until the batch is on disk, or is one that the store will never take; false when it is time to
  // stop.
  bool Keep();
  bool Pause(absl::Duration pause) { return clock_.SleepUntil(clock_.Now() + pause, stop_); }

  const KafkaSettings settings_;
  SampleIntake& intake_;
  Clock& clock_;
  absl::Notification stop_;
  // The thread's own.
  GalaMessages messages_;
  SampleBatch batch_;
  std::set<std::string> complaints_;  // said already
  std::thread thread_;
};

}  // namespace grayling

#pragma once

#include <thread>

#include "absl/synchronization/notification.h"
#include "base/clock.h"
#include "daemon/campaign/campaigns.h"
#include "daemon/detect/live_detector.h"
#include "daemon/fault/faults.h"
#include "daemon/load/load_export.h"
#include "daemon/load/load_generator.h"
#include "daemon/metrics/daemon_exporter.h"

namespace grayling {

// The daemon's one-second round, in a thread of its own: settles faults whose time has passed, and
// copies what the rooms know into /metrics. All rooms must outlive it.
class Housekeeping {
 public:
  Housekeeping(Faults& faults, Campaigns& campaigns, LoadGenerator& load, LiveDetector& detector,
               DaemonExporter& exporter, Clock& clock);
  // Ends after the round under way.
  ~Housekeeping();

 private:
  void Loop();
  void ExportDetector();

  Faults& faults_;
  Campaigns& campaigns_;
  LiveDetector& detector_;
  DaemonExporter& exporter_;
  Clock& clock_;
  LoadExport load_export_;
  absl::Notification stop_;
  std::thread thread_;
};

}  // namespace grayling

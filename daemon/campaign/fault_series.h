#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "daemon/fault/faults.h"
#include "daemon/metrics/daemon_exporter.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// How a fault acts at `now`: whether it does, and with which intensity after its shape. A fault
// that is not verified yet, or whose own timer must have ended it, does not act. Pure.
DaemonExporter::Fault FaultNow(const FaultRecord& fault, absl::Time now);

// Faults as series, once a second, in /metrics and in the sample store (target "faults"):
//   grayling_fault_active{campaign,kind,service}     1 while it acts, else 0
//   grayling_fault_intensity{campaign,kind,service}  in the unit of the kind's first parameter
// Of several faults with equal labels the largest intensity counts. When the last of them is over,
// one 0 is written and the series end. Not thread-safe.
class FaultSeries {
 public:
  // All must outlive it. Listeners hear of batches that were stored.
  FaultSeries(Faults& faults, SampleStore& store, std::vector<BatchListener*> listeners,
              DaemonExporter& exporter, Clock& clock)
      : faults_(faults),
        store_(store),
        listeners_(std::move(listeners)),
        exporter_(exporter),
        clock_(clock) {}

  // The present second.
  void Record();

 private:
  absl::Status Store(const std::vector<DaemonExporter::Fault>& faults, absl::Time now);
  absl::Status Add(SampleBatch& batch, const std::string& series, double value);

  Faults& faults_;
  SampleStore& store_;
  const std::vector<BatchListener*> listeners_;
  DaemonExporter& exporter_;
  Clock& clock_;
  std::map<std::string, SeriesId> ids_;
  std::vector<DaemonExporter::Fault> shown_;  // in the last second, without those that had ended
  bool refused_ = false;
};

}  // namespace grayling

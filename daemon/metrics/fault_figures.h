#pragma once

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/metrics/labelled_gauge.h"

namespace grayling {

// Faults and the campaign, as shown under /metrics.
//   grayling_faults_active{kind,service}         gauge    faults that may be active now
//   grayling_fault_active{kind,service,campaign} gauge    1 while one acts, 0 before its effect is
//                                                         verified and once after its end
//   grayling_fault_intensity{kind,service,campaign}       gauge, the largest one at this second
//   grayling_campaign_phase{phase}               gauge    1 for the present phase, else 0
// Bound: what acts now, and never more than kLargestFaults series a family; 5 phases. Thread-safe.
class FaultFigures {
 public:
  static constexpr size_t kLargestFaults = 500;

  struct Fault {
    std::string kind;
    std::string service;
    double intensity = 0;  // now, after its shape
    std::string campaign = "";
    bool acts = true;
    bool has_ended = false;  // shown for one last time, with active 0 and no intensity
  };

  explicit FaultFigures(prometheus::Registry& registry);

  // All faults that may be active now, and those that have just ended.
  void Set(const std::vector<Fault>& faults);
  // warmup, before, during, after, cooldown; "" when no campaign runs.
  void SetPhase(const std::string& phase);

 private:
  absl::Mutex mutex_;
  LabelledGauge count_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge active_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge intensity_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge phase_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/metrics/labelled_gauge.h"
#include "prometheus/counter.h"

namespace grayling {

// What the live detector says, as shown under /metrics.
//   grayling_detector_score{service}          gauge    probability of a gray failure
//   grayling_detector_suspect{service}        gauge    1 for the service with the highest score
//                                                      while an alarm stands, else 0
//   grayling_detector_alarm                   gauge    1 while an alarm stands
//   grayling_detector_alarms_total{service}   counter  alarms, by the suspect at their begin
// Bound: the services of the active model, and never more than kLargestServices a family; the
// counter keeps those of former models. Thread-safe.
class DetectorFigures {
 public:
  static constexpr size_t kLargestServices = 500;

  explicit DetectorFigures(prometheus::Registry& registry);

  // (service, score) pairs of one detector row.
  void Set(const std::vector<std::pair<std::string, double>>& scores, bool alarm);

 private:
  prometheus::Counter* AlarmsOf(const std::string& service) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  LabelledGauge score_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge suspect_ ABSL_GUARDED_BY(mutex_);
  prometheus::Family<prometheus::Counter>& alarms_;
  std::map<std::string, prometheus::Counter*> alarms_by_service_ ABSL_GUARDED_BY(mutex_);
  prometheus::Gauge& alarm_;
  bool stands_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace grayling

#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/metrics/labelled_gauge.h"
#include "prometheus/counter.h"
#include "prometheus/histogram.h"

namespace grayling {

// What the clients see, as shown under /metrics.
//   grayling_load_running                              gauge      1 while a load runs
//   grayling_load_users                                gauge      users of the load, 0 without one
//   grayling_load_offered_requests_per_second          gauge      what an open loop means to send;
//                                                                 0 for a closed one
//   grayling_load_requests_per_second                  gauge      answered in the last second
//   grayling_load_last_second_latency_seconds{percentile} gauge   50, 95, 99; left out without an
//                                                                 answer in that second
//   grayling_load_requests_total, grayling_load_errors_total  counter  since the daemon's start
//   grayling_load_latency_seconds                      histogram  since the daemon's start
// Bound: 9 series and the histogram's 14. Thread-safe.
class LoadFigures {
 public:
  struct Now {
    double requests_per_second = 0;
    double p50_s = 0;  // of the last second; NaN without an answer
    double p95_s = 0;
    double p99_s = 0;
    uint32_t users = 0;
    double offered_requests_per_second = 0;
    bool running = false;
  };
  // What came to pass since the last call.
  struct Increment {
    uint64_t requests = 0;
    uint64_t errors = 0;
    // One count per bound of LatencyBounds(), then those above all of them. Empty: no answers.
    std::vector<double> answers_by_latency = {};
    double latency_sum_s = 0;
  };

  explicit LoadFigures(prometheus::Registry& registry);

  // Upper bounds of the histogram's buckets, in seconds, ascending.
  static const std::vector<double>& LatencyBounds();

  void Set(const Now& now);
  void Add(const Increment& increment);

 private:
  prometheus::Gauge& running_;
  prometheus::Gauge& users_;
  prometheus::Gauge& offered_;
  prometheus::Gauge& rate_;
  prometheus::Counter& requests_;
  prometheus::Counter& errors_;
  prometheus::Histogram& latency_;
  absl::Mutex mutex_;
  LabelledGauge percentile_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/scrape_target.h"
#include "prometheus/counter.h"
#include "prometheus/exposer.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace grayling {

// What the daemon tells of itself under /metrics:
//   grayling_build_info{version}                 gauge    1
//   grayling_scrape_up{target}                   gauge    1 when the last scrape succeeded
//   grayling_scrape_duration_seconds{target}     gauge    of the last scrape
//   grayling_samples_appended_total              counter  samples stored since the start
//   grayling_samples_lost_total                  counter  samples refused by the store, or dropped
//                                                         before the live detector
//   grayling_faults_active{kind,service}         gauge    faults that may be active now
//   grayling_fault_active{kind,service,campaign} gauge    1 while one acts, 0 before its effect is
//                                                         verified and once after its end
//   grayling_fault_intensity{kind,service,campaign}       gauge, the largest one at this second
//   grayling_campaign_phase{phase}               gauge    1 for the present phase, else 0
//   grayling_load_requests_per_second            gauge
//   grayling_load_latency_seconds{quantile}      gauge    0.5, 0.95, 0.99
//   grayling_load_errors_total                   counter  failed requests since the start
//   grayling_detector_score{service}             gauge    probability of a gray failure
//   grayling_detector_alarm                      gauge    1 while an alarm stands
// A labelled family shows what the last Set call named; what is named no longer disappears.
// Thread-safe.
class DaemonExporter final : public BatchListener, public ScrapeObserver {
 public:
  struct Fault {
    std::string kind;
    std::string service;
    double intensity = 0;  // now, after its shape
    std::string campaign = "";
    bool acts = true;
    bool has_ended = false;  // shown for one last time, with active 0 and no intensity
  };
  struct Load {
    double requests_per_second = 0;
    double p50_s = 0;
    double p95_s = 0;
    double p99_s = 0;
  };

  // Serves on `address` (127.0.0.1:9436; port 0 takes a free one). UNAVAILABLE when it is taken.
  static absl::StatusOr<std::unique_ptr<DaemonExporter>> Open(const std::string& address,
                                                              const std::string& version);

  int port() const { return port_; }

  void OnScrape(const ScrapeTargetStatus& status) override;
  void OnTargetRemoved(const std::string& name) override;
  // Counts the samples.
  void OnBatch(const SampleBatch& batch) override;
  void OnLost(size_t samples) override;
  // All faults that may be active now, and those that have just ended.
  void SetFaults(const std::vector<Fault>& faults);
  // warmup, before, during, after, cooldown; "" when no campaign runs.
  void SetCampaignPhase(const std::string& phase);
  void SetLoad(const Load& load);
  void AddLoadErrors(uint64_t count);
  // (service, score) pairs of one detector row.
  void SetDetector(const std::vector<std::pair<std::string, double>>& scores, bool alarm);

 private:
  using Labels = std::map<std::string, std::string>;
  using GaugeFamily = prometheus::Family<prometheus::Gauge>;

  // A family together with its series by labels.
  class LabelledGauge {
   public:
    explicit LabelledGauge(GaugeFamily& family) : family_(family) {}
    void Set(const Labels& labels, double value);
    void Remove(const Labels& labels);
    void ReplaceAll(const std::map<Labels, double>& values);

   private:
    GaugeFamily& family_;
    std::map<Labels, prometheus::Gauge*> series_;  // owned by the family
  };

  explicit DaemonExporter(const std::string& version);
  GaugeFamily& Gauges(const std::string& name, const std::string& help);
  prometheus::Counter& Counter(const std::string& name, const std::string& help);

  const std::shared_ptr<prometheus::Registry> registry_;
  absl::Mutex mutex_;
  LabelledGauge scrape_up_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge scrape_duration_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge faults_active_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge fault_active_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge fault_intensity_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge campaign_phase_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge load_latency_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge detector_score_ ABSL_GUARDED_BY(mutex_);
  prometheus::Gauge& load_rate_;
  prometheus::Gauge& detector_alarm_;
  prometheus::Counter& samples_appended_;
  prometheus::Counter& samples_lost_;
  prometheus::Counter& load_errors_;
  int port_ = 0;
  std::unique_ptr<prometheus::Exposer> exposer_;  // last: stops serving first
};

}  // namespace grayling

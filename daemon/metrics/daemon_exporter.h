#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/metrics/detector_figures.h"
#include "daemon/metrics/fault_figures.h"
#include "daemon/metrics/load_figures.h"
#include "daemon/metrics/process_collector.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/scrape_figures.h"
#include "daemon/metrics/store_collector.h"
#include "prometheus/counter.h"
#include "prometheus/exposer.h"
#include "prometheus/registry.h"

namespace grayling {

// What the daemon tells of itself under /metrics:
//   grayling_build_info{version}    gauge    1
//   grayling_samples_appended_total counter  samples stored since the start
//   grayling_samples_lost_total     counter  samples refused by the store, or dropped before the
//                                            live detector
// and the families of ScrapeFigures, FaultFigures, LoadFigures, DetectorFigures, ProcessCollector
// and StoreCollector. A labelled family shows what the last Set call named; what is named no longer
// disappears. Series are bounded by 4 a target and 3 a fault or service, see there. Thread-safe.
class DaemonExporter final : public BatchListener, public ScrapeObserver {
 public:
  using Fault = FaultFigures::Fault;
  using Load = LoadFigures::Now;

  // Serves on `address` (127.0.0.1:9436; port 0 takes a free one). UNAVAILABLE when it is taken.
  static absl::StatusOr<std::unique_ptr<DaemonExporter>> Open(const std::string& address,
                                                              const std::string& version);

  int port() const { return port_; }

  // Shows the store's figures from now on. `store` must outlive the exporter. Call once.
  void ShowStore(SampleStore& store);

  void OnScrape(const ScrapeTargetStatus& status) override { scrapes_.OnScrape(status); }
  void OnTargetRemoved(const std::string& name) override { scrapes_.OnTargetRemoved(name); }
  // Counts the samples.
  void OnBatch(const SampleBatch& batch) override;
  void OnLost(size_t samples) override;

  void SetFaults(const std::vector<Fault>& faults) { faults_.Set(faults); }
  void SetCampaignPhase(const std::string& phase) { faults_.SetPhase(phase); }
  void SetLoad(const Load& load) { load_.Set(load); }
  void AddLoad(const LoadFigures::Increment& increment) { load_.Add(increment); }
  void SetDetector(const std::vector<std::pair<std::string, double>>& scores, bool alarm) {
    detector_.Set(scores, alarm);
  }

 private:
  explicit DaemonExporter(const std::string& version);

  const std::shared_ptr<prometheus::Registry> registry_;
  const std::shared_ptr<ProcessCollector> process_;
  std::shared_ptr<StoreCollector> store_;
  ScrapeFigures scrapes_;
  FaultFigures faults_;
  LoadFigures load_;
  DetectorFigures detector_;
  prometheus::Counter& samples_appended_;
  prometheus::Counter& samples_lost_;
  int port_ = 0;
  std::unique_ptr<prometheus::Exposer> exposer_;  // last: stops serving first
};

}  // namespace grayling

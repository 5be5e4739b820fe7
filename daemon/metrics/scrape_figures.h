#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/metrics/labelled_gauge.h"
#include "daemon/metrics/scrape_target.h"
#include "prometheus/counter.h"

namespace grayling {

// How scraping goes, as shown under /metrics. `service` is the target's own label of that name, ""
// without one.
//   grayling_scrape_up{target,service}                 gauge    1 when the last scrape succeeded
//   grayling_scrape_duration_seconds{target,service}   gauge    of the last scrape
//   grayling_scrape_samples{target,service}            gauge    of the last scrape
//   grayling_scrape_malformed_lines{target,service}    gauge    of the last scrape
//   grayling_scrape_targets_unshown                    gauge    targets beyond kLargestTargets
//   grayling_scrapes_total, grayling_scrape_failures_total     counter  of all targets
// Bound: 4 series a target, at most kLargestTargets targets. Thread-safe.
class ScrapeFigures final : public ScrapeObserver {
 public:
  static constexpr size_t kLargestTargets = 1000;

  explicit ScrapeFigures(prometheus::Registry& registry);

  void OnScrape(const ScrapeTargetStatus& status) override;
  void OnTargetRemoved(const std::string& name) override;

 private:
  absl::Mutex mutex_;
  LabelledGauge up_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge duration_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge samples_ ABSL_GUARDED_BY(mutex_);
  LabelledGauge malformed_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, LabelledGauge::Labels> shown_ ABSL_GUARDED_BY(mutex_);  // by target
  std::set<std::string> unshown_names_ ABSL_GUARDED_BY(mutex_);
  prometheus::Gauge& unshown_;
  prometheus::Counter& scrapes_;
  prometheus::Counter& failures_;
};

}  // namespace grayling

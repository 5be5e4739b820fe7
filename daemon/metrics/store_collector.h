#pragma once

#include <vector>

#include "daemon/metrics/sample_store.h"
#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"

namespace grayling {

// The sample store's figures, read when they are scraped:
//   grayling_store_series           gauge  series ever seen
//   grayling_store_waiting_samples  gauge  taken and not yet on disk
//   grayling_store_bytes            gauge  on disk; left out where the store cannot tell
//   grayling_store_refusing         gauge  1 while new samples are refused
// Bound: 4 series. Thread-safe.
class StoreCollector final : public prometheus::Collectable {
 public:
  // `store` must outlive the collector.
  explicit StoreCollector(SampleStore& store) : store_(store) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  SampleStore& store_;
};

}  // namespace grayling

#pragma once

#include <cstdint>
#include <vector>

#include "daemon/load/load_generator.h"
#include "daemon/metrics/daemon_exporter.h"

namespace grayling {

// Copies what a load's clients saw into /metrics. A load counts from 0 when it starts; what is
// shown counts on from load to load. Not thread-safe.
class LoadExport {
 public:
  // Both must outlive it.
  LoadExport(LoadGenerator& load, DaemonExporter& exporter) : load_(load), exporter_(exporter) {}

  // Shows the load of now and counts what came to pass since the last call. To be called about
  // once a second: what a load did after the last call before the next load began is not counted.
  void Export();

 private:
  // Of the load that runs, as of the last call.
  struct Totals {
    uint64_t requests = 0;
    uint64_t errors = 0;
    double latency_sum_s = 0;
    std::vector<uint64_t> answers;  // up to each bound, then all
  };

  static bool WentBack(const Totals& before, const Totals& now);

  LoadGenerator& load_;
  DaemonExporter& exporter_;
  Totals seen_;
};

}  // namespace grayling

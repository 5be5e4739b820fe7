#pragma once

#include <string>
#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"

namespace grayling {

// The health of this process under the names that every Prometheus client uses, read when it is
// scraped:
//   process_cpu_seconds_total          counter  user and system time
//   process_resident_memory_bytes, process_virtual_memory_bytes, process_open_fds,
//   process_max_fds, process_threads   gauge
//   process_start_time_seconds         gauge    seconds since the epoch
// What the kernel does not tell is left out. Bound: 7 series. Thread-safe.
class ProcessCollector final : public prometheus::Collectable {
 public:
  // `proc` is the folder of the process: /proc/self.
  explicit ProcessCollector(std::string proc = "/proc/self") : proc_(std::move(proc)) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::string proc_;
};

}  // namespace grayling

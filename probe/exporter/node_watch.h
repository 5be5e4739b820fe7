#pragma once

#include <string>

#include "probe/exporter/exposition.h"
#include "probe/kernel/files.h"

namespace grayling::probe {

// The machine as a whole: pressure, run queue, and what the probe itself costs. Not thread-safe.
//   grayling_node_cpu_pressure_seconds_total, grayling_node_memory_pressure_seconds_total,
//   grayling_node_io_pressure_seconds_total, grayling_node_run_queue,
//   grayling_probe_cpu_seconds_total
class NodeWatch {
 public:
  explicit NodeWatch(const std::string& proc = "/proc");

  void Write(Exposition& exposition, std::string& buffer);

 private:
  KeptFile cpu_, memory_, io_, loadavg_;
};

}  // namespace grayling::probe

#include "probe/exporter/node_watch.h"

#include <ctime>

#include "probe/kernel/kernel_text.h"

namespace grayling::probe {
namespace {

KeptFile OpenOrNone(const std::string& path) {
  Result<KeptFile> file = KeptFile::Open(path);
  return file.ok() ? std::move(*file) : KeptFile();
}

void WritePressure(Exposition& exposition, std::string& buffer, const KeptFile& file,
                   std::string_view family) {
  if (!file.valid()) return;
  Result<std::string_view> text = file.Read(buffer);
  if (!text.ok()) return;
  exposition.Family(family);
  if (const auto total = PressureTotalUs(*text, "some")) {
    exposition.Sample("", static_cast<double>(*total) * 1e-6);
  }
}

}  // namespace

NodeWatch::NodeWatch(const std::string& proc)
    : cpu_(OpenOrNone(proc + "/pressure/cpu")),
      memory_(OpenOrNone(proc + "/pressure/memory")),
      io_(OpenOrNone(proc + "/pressure/io")),
      loadavg_(OpenOrNone(proc + "/loadavg")) {}

void NodeWatch::Write(Exposition& exposition, std::string& buffer) {
  WritePressure(exposition, buffer, cpu_, "grayling_node_cpu_pressure_seconds_total");
  WritePressure(exposition, buffer, memory_, "grayling_node_memory_pressure_seconds_total");
  WritePressure(exposition, buffer, io_, "grayling_node_io_pressure_seconds_total");
  if (loadavg_.valid()) {
    Result<std::string_view> text = loadavg_.Read(buffer);
    exposition.Family("grayling_node_run_queue");
    if (text.ok()) {
      if (const auto runnable = RunnableTasks(*text)) {
        exposition.Sample("", static_cast<double>(*runnable));
      }
    }
  }
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  exposition.Family("grayling_probe_cpu_seconds_total");
  exposition.Sample("",
                    static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9);
}

}  // namespace grayling::probe

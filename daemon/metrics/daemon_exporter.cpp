#include "daemon/metrics/daemon_exporter.h"

#include <exception>

#include "absl/strings/str_cat.h"
#include "prometheus/gauge.h"

namespace grayling {
namespace {

prometheus::Counter& CounterOf(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

DaemonExporter::DaemonExporter(const std::string& version)
    : registry_(std::make_shared<prometheus::Registry>()),
      process_(std::make_shared<ProcessCollector>()),
      scrapes_(*registry_),
      faults_(*registry_),
      load_(*registry_),
      detector_(*registry_),
      samples_appended_(CounterOf(*registry_, "grayling_samples_appended_total", "Samples stored")),
      samples_lost_(CounterOf(*registry_, "grayling_samples_lost_total",
                              "Samples refused by the store or dropped before the live detector")) {
  prometheus::BuildGauge()
      .Name("grayling_build_info")
      .Help("Always 1")
      .Register(*registry_)
      .Add({{"version", version}})
      .Set(1);
}

absl::StatusOr<std::unique_ptr<DaemonExporter>> DaemonExporter::Open(const std::string& address,
                                                                     const std::string& version) {
  try {
    std::unique_ptr<DaemonExporter> exporter(new DaemonExporter(version));
    exporter->exposer_ = std::make_unique<prometheus::Exposer>(address, /*num_threads=*/2);
    exporter->exposer_->RegisterCollectable(exporter->registry_);
    exporter->exposer_->RegisterCollectable(exporter->process_);
    const std::vector<int> ports = exporter->exposer_->GetListeningPorts();
    if (ports.empty()) {
      return absl::UnavailableError(absl::StrCat("the metrics address ", address, " is not open"));
    }
    exporter->port_ = ports.front();
    return exporter;
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        absl::StrCat("cannot serve the daemon's metrics on ", address, ": ", error.what(),
                     "; choose a free address or stop what listens there"));
  }
}

void DaemonExporter::ShowStore(SampleStore& store) {
  store_ = std::make_shared<StoreCollector>(store);
  exposer_->RegisterCollectable(store_);
}

void DaemonExporter::OnBatch(const SampleBatch& batch) {
  samples_appended_.Increment(static_cast<double>(batch.series.size()));
}

void DaemonExporter::OnLost(size_t samples) {
  samples_lost_.Increment(static_cast<double>(samples));
}

}  // namespace grayling

#include "daemon/metrics/daemon_exporter.h"

#include <algorithm>
#include <array>
#include <exception>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr std::array<const char*, 5> kPhases = {"warmup", "before", "during", "after", "cooldown"};

}  // namespace

void DaemonExporter::LabelledGauge::Set(const Labels& labels, double value) {
  prometheus::Gauge*& series = series_[labels];
  if (series == nullptr) series = &family_.Add(labels);
  series->Set(value);
}

void DaemonExporter::LabelledGauge::Remove(const Labels& labels) {
  const auto found = series_.find(labels);
  if (found == series_.end()) return;
  family_.Remove(found->second);
  series_.erase(found);
}

void DaemonExporter::LabelledGauge::ReplaceAll(const std::map<Labels, double>& values) {
  for (auto it = series_.begin(); it != series_.end();) {
    if (values.contains(it->first)) {
      ++it;
    } else {
      family_.Remove(it->second);
      it = series_.erase(it);
    }
  }
  for (const auto& [labels, value] : values) Set(labels, value);
}

DaemonExporter::GaugeFamily& DaemonExporter::Gauges(const std::string& name,
                                                    const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(*registry_);
}

prometheus::Counter& DaemonExporter::Counter(const std::string& name, const std::string& help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(*registry_).Add({});
}

DaemonExporter::DaemonExporter(const std::string& version)
    : registry_(std::make_shared<prometheus::Registry>()),
      scrape_up_(Gauges("grayling_scrape_up", "1 when the last scrape succeeded")),
      scrape_duration_(Gauges("grayling_scrape_duration_seconds", "Duration of the last scrape")),
      faults_active_(Gauges("grayling_faults_active", "Faults that may be active now")),
      fault_active_(Gauges("grayling_fault_active", "1 while a fault acts")),
      fault_intensity_(
          Gauges("grayling_fault_intensity", "Largest intensity now, after its shape")),
      campaign_phase_(Gauges("grayling_campaign_phase", "1 for the campaign's present phase")),
      load_latency_(Gauges("grayling_load_latency_seconds", "Latency over the last second")),
      detector_score_(Gauges("grayling_detector_score", "Probability of a gray failure")),
      load_rate_(
          Gauges("grayling_load_requests_per_second", "Requests in the last second").Add({})),
      detector_alarm_(Gauges("grayling_detector_alarm", "1 while an alarm stands").Add({})),
      samples_appended_(Counter("grayling_samples_appended_total", "Samples stored")),
      samples_lost_(Counter("grayling_samples_lost_total",
                            "Samples refused by the store or dropped before the live detector")),
      load_errors_(Counter("grayling_load_errors_total", "Failed requests")) {
  Gauges("grayling_build_info", "Always 1").Add({{"version", version}}).Set(1);
  SetCampaignPhase("");
}

absl::StatusOr<std::unique_ptr<DaemonExporter>> DaemonExporter::Open(const std::string& address,
                                                                     const std::string& version) {
  try {
    std::unique_ptr<DaemonExporter> exporter(new DaemonExporter(version));
    exporter->exposer_ = std::make_unique<prometheus::Exposer>(address, /*num_threads=*/2);
    exporter->exposer_->RegisterCollectable(exporter->registry_);
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

void DaemonExporter::OnScrape(const ScrapeTargetStatus& status) {
  const Labels labels = {{"target", status.settings.name}};
  absl::MutexLock lock(&mutex_);
  scrape_up_.Set(labels, status.up ? 1 : 0);
  scrape_duration_.Set(labels, absl::ToDoubleSeconds(status.last_duration));
}

void DaemonExporter::OnTargetRemoved(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  scrape_up_.Remove({{"target", name}});
  scrape_duration_.Remove({{"target", name}});
}

void DaemonExporter::OnBatch(const SampleBatch& batch) {
  samples_appended_.Increment(static_cast<double>(batch.series.size()));
}

void DaemonExporter::OnLost(size_t samples) {
  samples_lost_.Increment(static_cast<double>(samples));
}

void DaemonExporter::SetFaults(const std::vector<Fault>& faults) {
  std::map<Labels, double> count;
  std::map<Labels, double> active;
  std::map<Labels, double> intensity;
  for (const Fault& fault : faults) {
    Labels labels = {{"kind", fault.kind}, {"service", fault.service}};
    if (!fault.has_ended) count[labels] += 1;
    labels["campaign"] = fault.campaign;
    active[labels] = std::max(active[labels], fault.acts ? 1.0 : 0.0);
    if (!fault.has_ended) intensity[labels] = std::max(intensity[labels], fault.intensity);
  }
  absl::MutexLock lock(&mutex_);
  faults_active_.ReplaceAll(count);
  fault_active_.ReplaceAll(active);
  fault_intensity_.ReplaceAll(intensity);
}

void DaemonExporter::SetCampaignPhase(const std::string& phase) {
  absl::MutexLock lock(&mutex_);
  for (const char* name : kPhases) campaign_phase_.Set({{"phase", name}}, phase == name ? 1 : 0);
}

void DaemonExporter::SetLoad(const Load& load) {
  absl::MutexLock lock(&mutex_);
  load_rate_.Set(load.requests_per_second);
  load_latency_.Set({{"quantile", "0.5"}}, load.p50_s);
  load_latency_.Set({{"quantile", "0.95"}}, load.p95_s);
  load_latency_.Set({{"quantile", "0.99"}}, load.p99_s);
}

void DaemonExporter::AddLoadErrors(uint64_t count) {
  load_errors_.Increment(static_cast<double>(count));
}

void DaemonExporter::SetDetector(const std::vector<std::pair<std::string, double>>& scores,
                                 bool alarm) {
  std::map<Labels, double> values;
  for (const auto& [service, score] : scores) values[{{"service", service}}] = score;
  absl::MutexLock lock(&mutex_);
  detector_score_.ReplaceAll(values);
  detector_alarm_.Set(alarm ? 1 : 0);
}

}  // namespace grayling

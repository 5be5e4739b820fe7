#include "daemon/metrics/scrape_figures.h"

namespace grayling {

ScrapeFigures::ScrapeFigures(prometheus::Registry& registry)
    : up_(registry, "grayling_scrape_up", "1 when the last scrape succeeded", kLargestTargets),
      duration_(registry, "grayling_scrape_duration_seconds", "Duration of the last scrape",
                kLargestTargets),
      samples_(registry, "grayling_scrape_samples", "Samples of the last scrape", kLargestTargets),
      malformed_(registry, "grayling_scrape_malformed_lines",
                 "Lines of the last scrape that were skipped", kLargestTargets),
      unshown_(prometheus::BuildGauge()
                   .Name("grayling_scrape_targets_unshown")
                   .Help("Targets that have no series of their own here")
                   .Register(registry)
                   .Add({})),
      scrapes_(prometheus::BuildCounter()
                   .Name("grayling_scrapes_total")
                   .Help("Scrapes of all targets")
                   .Register(registry)
                   .Add({})),
      failures_(prometheus::BuildCounter()
                    .Name("grayling_scrape_failures_total")
                    .Help("Scrapes without a usable answer")
                    .Register(registry)
                    .Add({})) {}

void ScrapeFigures::OnScrape(const ScrapeTargetStatus& status) {
  scrapes_.Increment();
  if (!status.up) failures_.Increment();
  const std::string& name = status.settings.name;
  absl::MutexLock lock(&mutex_);
  auto found = shown_.find(name);
  if (found == shown_.end()) {
    if (shown_.size() >= kLargestTargets) {
      unshown_names_.insert(name);
      unshown_.Set(static_cast<double>(unshown_names_.size()));
      return;
    }
    const auto service = status.settings.labels.find("service");
    const bool has_service = service != status.settings.labels.end();
    found = shown_
                .emplace(name, LabelledGauge::Labels{{"target", name},
                                                     {"service", has_service ? service->second
                                                                             : std::string()}})
                .first;
  }
  up_.Set(found->second, status.up ? 1 : 0);
  duration_.Set(found->second, absl::ToDoubleSeconds(status.last_duration));
  samples_.Set(found->second, static_cast<double>(status.last_samples));
  malformed_.Set(found->second, static_cast<double>(status.last_malformed_lines));
}

void ScrapeFigures::OnTargetRemoved(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  unshown_names_.erase(name);
  unshown_.Set(static_cast<double>(unshown_names_.size()));
  const auto found = shown_.find(name);
  if (found == shown_.end()) return;
  for (LabelledGauge* gauge : {&up_, &duration_, &samples_, &malformed_}) {
    gauge->Remove(found->second);
  }
  shown_.erase(found);
}

}  // namespace grayling

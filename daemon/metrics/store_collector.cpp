#include "daemon/metrics/store_collector.h"

namespace grayling {
namespace {

prometheus::MetricFamily Gauge(const char* name, const char* help, double value) {
  prometheus::MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = prometheus::MetricType::Gauge;
  prometheus::ClientMetric metric;
  metric.gauge.value = value;
  family.metric.push_back(metric);
  return family;
}

}  // namespace

std::vector<prometheus::MetricFamily> StoreCollector::Collect() const {
  const StoreFigures figures = store_.Figures();
  std::vector<prometheus::MetricFamily> families = {
      Gauge("grayling_store_series", "Series ever seen", static_cast<double>(figures.series)),
      Gauge("grayling_store_waiting_samples", "Samples taken and not yet on disk",
            static_cast<double>(figures.waiting_samples)),
      Gauge("grayling_store_refusing", "1 while new samples are refused",
            figures.refusal.empty() ? 0 : 1)};
  if (figures.bytes_on_disk > 0) {
    families.push_back(Gauge("grayling_store_bytes", "Size of the samples on disk",
                             static_cast<double>(figures.bytes_on_disk)));
  }
  return families;
}

}  // namespace grayling

#include "daemon/metrics/load_figures.h"

#include <cmath>
#include <utility>

namespace grayling {
namespace {

prometheus::Gauge& GaugeOf(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Counter& CounterOf(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

const std::vector<double>& LoadFigures::LatencyBounds() {
  static const std::vector<double> bounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                             0.5,   1,    2.5,   5,    10};
  return bounds;
}

LoadFigures::LoadFigures(prometheus::Registry& registry)
    : running_(GaugeOf(registry, "grayling_load_running", "1 while a load runs")),
      users_(GaugeOf(registry, "grayling_load_users", "Users of the load")),
      offered_(GaugeOf(registry, "grayling_load_offered_requests_per_second",
                       "Requests that an open loop means to send")),
      rate_(GaugeOf(registry, "grayling_load_requests_per_second", "Requests in the last second")),
      requests_(CounterOf(registry, "grayling_load_requests_total", "Requests sent")),
      errors_(CounterOf(registry, "grayling_load_errors_total", "Failed requests")),
      latency_(prometheus::BuildHistogram()
                   .Name("grayling_load_latency_seconds")
                   .Help("Latency of all answers")
                   .Register(registry)
                   .Add({}, LatencyBounds())),
      percentile_(registry, "grayling_load_last_second_latency_seconds",
                  "Latency over the last second", 3) {}

void LoadFigures::Set(const Now& now) {
  running_.Set(now.running ? 1 : 0);
  users_.Set(now.users);
  offered_.Set(now.offered_requests_per_second);
  rate_.Set(now.requests_per_second);
  absl::MutexLock lock(&mutex_);
  for (const auto& [percentile, seconds] :
       {std::pair{"50", now.p50_s}, {"95", now.p95_s}, {"99", now.p99_s}}) {
    const LabelledGauge::Labels labels = {{"percentile", percentile}};
    if (std::isnan(seconds)) {
      percentile_.Remove(labels);
    } else {
      percentile_.Set(labels, seconds);
    }
  }
}

void LoadFigures::Add(const Increment& increment) {
  requests_.Increment(static_cast<double>(increment.requests));
  errors_.Increment(static_cast<double>(increment.errors));
  if (increment.answers_by_latency.size() != LatencyBounds().size() + 1) return;
  latency_.ObserveMultiple(increment.answers_by_latency, increment.latency_sum_s);
}

}  // namespace grayling

#include "daemon/load/load_meter.h"

#include <limits>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

LoadMeter::LoadMeter() : LoadMeter(NoRoutes()) {
  for (size_t route = 0; route < kPetclinicRoutes; ++route) {
    AddRoute(std::string(RouteName(route)));
  }
}

LoadMeter::LoadMeter(NoRoutes) {
  absl::MutexLock lock(&mutex_);
  statistics_.p50_ms = statistics_.p95_ms = statistics_.p99_ms = statistics_.mean_ms = kMissing;
}

size_t LoadMeter::AddRoute(std::string label) {
  absl::MutexLock lock(&mutex_);
  routes_.push_back({.label = std::move(label)});
  return routes_.size() - 1;
}

void LoadMeter::Count(const RequestOutcome& outcome) {
  absl::MutexLock lock(&mutex_);
  ++statistics_.requests;
  ++requests_this_second_;
  if (outcome.error) ++statistics_.errors;
  statistics_.response_bytes += outcome.response_bytes;
  if (!outcome.latency.has_value()) return;
  ++statistics_.answers;
  latency_sum_ += *outcome.latency;
  statistics_.mean_ms =
      absl::ToDoubleMilliseconds(latency_sum_) / static_cast<double>(statistics_.answers);
  histogram_.Record(*outcome.latency);
  all_.Record(*outcome.latency);
  RouteSum& route = routes_.at(outcome.route);
  route.latency += *outcome.latency;
  ++route.answers;
}

std::vector<LoadSample> LoadMeter::EndSecond(absl::Duration elapsed, uint32_t users) {
  absl::MutexLock lock(&mutex_);
  const bool answered = histogram_.count() > 0;
  const auto quantile_ms = [&](double quantile) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return answered ? absl::ToDoubleMilliseconds(histogram_.Quantile(quantile)) : kMissing;
  };
  statistics_.requests_per_second =
      static_cast<double>(requests_this_second_) / absl::ToDoubleSeconds(elapsed);
  statistics_.p50_ms = quantile_ms(0.5);
  statistics_.p95_ms = quantile_ms(0.95);
  statistics_.p99_ms = quantile_ms(0.99);

  std::vector<LoadSample> report = {
      {"client_requests_total", static_cast<double>(statistics_.requests)},
      {"client_errors_total", static_cast<double>(statistics_.errors)},
      {"client_requests_per_second", statistics_.requests_per_second},
      {"client_users", static_cast<double>(users)},
  };
  if (answered) {
    report.emplace_back("client_latency_seconds_mean", absl::ToDoubleSeconds(histogram_.Mean()));
    report.emplace_back("client_latency_seconds{quantile=\"0.5\"}", statistics_.p50_ms / 1e3);
    report.emplace_back("client_latency_seconds{quantile=\"0.95\"}", statistics_.p95_ms / 1e3);
    report.emplace_back("client_latency_seconds{quantile=\"0.99\"}", statistics_.p99_ms / 1e3);
  }
  for (RouteSum& sum : routes_) {
    if (sum.answers == 0) continue;
    report.emplace_back(
        absl::StrCat("client_route_latency_seconds_mean{route=\"", sum.label, "\"}"),
        absl::ToDoubleSeconds(sum.latency) / static_cast<double>(sum.answers));
    sum.latency = absl::ZeroDuration();
    sum.answers = 0;
  }
  histogram_.Clear();
  requests_this_second_ = 0;
  return report;
}

LoadStatistics LoadMeter::Statistics() const {
  absl::MutexLock lock(&mutex_);
  return statistics_;
}

LatencyHistogram LoadMeter::Latencies() const {
  absl::MutexLock lock(&mutex_);
  return all_;
}

}  // namespace grayling

#include "daemon/load/load_meter.h"

#include <array>
#include <limits>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct ReportedQuantile {
  double quantile;
  const char* text;
};
constexpr std::array<ReportedQuantile, 3> kQuantiles = {
    ReportedQuantile{0.5, "0.5"}, ReportedQuantile{0.95, "0.95"}, ReportedQuantile{0.99, "0.99"}};

}  // namespace

LoadMeter::LoadMeter(const std::vector<std::string>& routes) {
  for (const std::string& name : routes) AddRoute(name);
  absl::MutexLock lock(&mutex_);
  statistics_.p50_ms = statistics_.p95_ms = statistics_.p99_ms = statistics_.mean_ms = kMissing;
}

size_t LoadMeter::AddRoute(absl::string_view name) {
  absl::MutexLock lock(&mutex_);
  Route& route = routes_.emplace_back();
  const std::string label = absl::StrCat("route=\"", name, "\"}");
  route.mean_series = absl::StrCat("client_route_latency_seconds_mean{", label);
  route.rate_series = absl::StrCat("client_route_requests_per_second{", label);
  route.errors_series = absl::StrCat("client_route_errors_total{", label);
  for (const ReportedQuantile& reported : kQuantiles) {
    route.quantile_series.push_back(
        absl::StrCat("client_route_latency_seconds{quantile=\"", reported.text, "\",", label));
  }
  return routes_.size() - 1;
}

void LoadMeter::Count(const RequestOutcome& outcome) {
  absl::MutexLock lock(&mutex_);
  ++statistics_.requests;
  ++requests_this_second_;
  if (outcome.error) ++statistics_.errors;
  statistics_.response_bytes += outcome.response_bytes;
  Route* route = outcome.route == kNoRoute ? nullptr : &routes_.at(outcome.route);
  if (route != nullptr) {
    route->used = true;
    ++route->requests;
    if (outcome.error) ++route->errors;
  }
  if (!outcome.latency.has_value()) return;
  ++statistics_.answers;
  latency_sum_ += *outcome.latency;
  statistics_.mean_ms =
      absl::ToDoubleMilliseconds(latency_sum_) / static_cast<double>(statistics_.answers);
  histogram_.Record(*outcome.latency);
  all_.Record(*outcome.latency);
  if (route == nullptr) return;
  route->latency += *outcome.latency;
  route->latencies.Record(*outcome.latency);
}

void LoadMeter::CountOffered(uint64_t offered, uint64_t late) {
  absl::MutexLock lock(&mutex_);
  statistics_.offered += offered;
  statistics_.late += late;
  offered_this_second_ += offered;
}

void LoadMeter::CountSent() {
  absl::MutexLock lock(&mutex_);
  ++statistics_.sent;
}

std::vector<LoadSample> LoadMeter::EndSecond(absl::Duration elapsed, uint32_t users) {
  absl::MutexLock lock(&mutex_);
  const bool answered = histogram_.count() > 0;
  const auto quantile_ms = [&](double quantile) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return answered ? absl::ToDoubleMilliseconds(histogram_.Quantile(quantile)) : kMissing;
  };
  statistics_.requests_per_second =
      static_cast<double>(requests_this_second_) / absl::ToDoubleSeconds(elapsed);
  statistics_.offered_per_second =
      static_cast<double>(offered_this_second_) / absl::ToDoubleSeconds(elapsed);
  statistics_.p50_ms = quantile_ms(0.5);
  statistics_.p95_ms = quantile_ms(0.95);
  statistics_.p99_ms = quantile_ms(0.99);

  std::vector<LoadSample> report = {
      {"client_requests_total", static_cast<double>(statistics_.requests)},
      {"client_errors_total", static_cast<double>(statistics_.errors)},
      {"client_requests_per_second", statistics_.requests_per_second},
      {"client_users", static_cast<double>(users)},
      {"client_offered_requests_per_second", statistics_.offered_per_second},
      {"client_late_requests_total", static_cast<double>(statistics_.late)},
  };
  if (answered) {
    report.emplace_back("client_latency_seconds_mean", absl::ToDoubleSeconds(histogram_.Mean()));
    report.emplace_back("client_latency_seconds{quantile=\"0.5\"}", statistics_.p50_ms / 1e3);
    report.emplace_back("client_latency_seconds{quantile=\"0.95\"}", statistics_.p95_ms / 1e3);
    report.emplace_back("client_latency_seconds{quantile=\"0.99\"}", statistics_.p99_ms / 1e3);
  }
  for (Route& route : routes_) {
    if (route.used) ReportRoute(elapsed, route, report);
  }
  histogram_.Clear();
  requests_this_second_ = 0;
  offered_this_second_ = 0;
  return report;
}

void LoadMeter::ReportRoute(absl::Duration elapsed, Route& route, std::vector<LoadSample>& report) {
  report.emplace_back(route.rate_series,
                      static_cast<double>(route.requests) / absl::ToDoubleSeconds(elapsed));
  report.emplace_back(route.errors_series, static_cast<double>(route.errors));
  route.requests = 0;
  const uint64_t answers = route.latencies.count();
  if (answers == 0) return;
  report.emplace_back(route.mean_series,
                      absl::ToDoubleSeconds(route.latency) / static_cast<double>(answers));
  for (size_t i = 0; i < kQuantiles.size(); ++i) {
    report.emplace_back(route.quantile_series[i],
                        absl::ToDoubleSeconds(route.latencies.Quantile(kQuantiles[i].quantile)));
  }
  route.latencies.Clear();
  route.latency = absl::ZeroDuration();
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

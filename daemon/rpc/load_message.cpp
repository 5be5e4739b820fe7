#include "daemon/rpc/load_message.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/campaign/plan_mix.h"

namespace grayling {
namespace {

ThinkTimeKind ThinkTimeKindOf(v1::ThinkTime think_time) {
  switch (think_time) {
    case v1::THINK_TIME_CONSTANT:
      return ThinkTimeKind::kConstant;
    case v1::THINK_TIME_EXPONENTIAL:
      return ThinkTimeKind::kExponential;
    case v1::THINK_TIME_UNIFORM:
      return ThinkTimeKind::kUniform;
    default:
      return ThinkTimeKind::kGaussian;
  }
}

v1::ThinkTime ToProto(ThinkTimeKind kind) {
  switch (kind) {
    case ThinkTimeKind::kConstant:
      return v1::THINK_TIME_CONSTANT;
    case ThinkTimeKind::kExponential:
      return v1::THINK_TIME_EXPONENTIAL;
    case ThinkTimeKind::kUniform:
      return v1::THINK_TIME_UNIFORM;
    case ThinkTimeKind::kGaussian:
      break;
  }
  return v1::THINK_TIME_GAUSSIAN;
}

v1::LoadSpec SpecOf(const LoadSettings& settings) {
  v1::LoadSpec spec;
  spec.set_base_url(settings.base_url);
  if (settings.model == LoadModel::kOpen) {
    spec.set_rate(settings.rate);
    spec.set_arrivals(settings.arrivals == ArrivalKind::kConstant ? v1::ARRIVALS_CONSTANT
                                                                  : v1::ARRIVALS_POISSON);
    spec.set_most_in_flight(settings.most_in_flight);
  } else {
    spec.set_users(settings.users);
    spec.set_think_time_mean_ms(absl::ToDoubleMilliseconds(settings.think_time_mean));
    spec.set_think_time_deviation_ms(absl::ToDoubleMilliseconds(settings.think_time_deviation));
    spec.set_think_time(ToProto(settings.think_time_kind));
  }
  spec.set_ramp_up_s(absl::ToDoubleSeconds(settings.ramp_up));
  spec.set_request_timeout_s(absl::ToDoubleSeconds(settings.request_timeout));
  spec.set_mix(settings.mix);
  spec.set_seed(settings.seed);
  spec.set_jmeter_plan(settings.jmeter_plan);
  for (const auto& [name, value] : settings.jmeter_properties) {
    (*spec.mutable_jmeter_properties())[name] = value;
  }
  return spec;
}

}  // namespace

absl::StatusOr<LoadSettings> LoadSettingsOf(const v1::LoadSpec& spec) {
  for (const double number : {spec.think_time_mean_ms(), spec.think_time_deviation_ms(),
                              spec.ramp_up_s(), spec.request_timeout_s(), spec.rate()}) {
    if (!std::isfinite(number)) {
      return absl::InvalidArgumentError(
          "load spec: think time, ramp-up, time-out and rate must be finite numbers");
    }
  }
  if (spec.rate() != 0 && !spec.jmeter_plan().empty()) {
    return absl::InvalidArgumentError(
        "load spec: a rate is not for JMeter, whose plan says how requests arrive; leave it out");
  }
  LoadSettings settings;
  settings.base_url = spec.base_url();
  settings.users = spec.users();
  if (spec.rate() != 0) {
    settings.model = LoadModel::kOpen;
    settings.rate = spec.rate();
  }
  if (spec.arrivals() == v1::ARRIVALS_CONSTANT) settings.arrivals = ArrivalKind::kConstant;
  if (spec.most_in_flight() > 0) settings.most_in_flight = spec.most_in_flight();
  settings.think_time_kind = ThinkTimeKindOf(spec.think_time());
  settings.think_time_mean = absl::Milliseconds(spec.think_time_mean_ms());
  settings.think_time_deviation = absl::Milliseconds(spec.think_time_deviation_ms());
  settings.ramp_up = absl::Seconds(spec.ramp_up_s());
  if (spec.request_timeout_s() != 0) {
    settings.request_timeout = absl::Seconds(spec.request_timeout_s());
  }
  if (!spec.mix().empty()) settings.mix = spec.mix();
  if (!spec.mix_yaml().empty()) {
    GRAYLING_ASSIGN_OR_RETURN(settings.own_mix, ParseRequestMix(spec.mix_yaml()));
    if (spec.mix().empty()) settings.mix = "own";
  }
  settings.seed = spec.seed();
  settings.jmeter_plan = spec.jmeter_plan();
  settings.jmeter_properties = {spec.jmeter_properties().begin(), spec.jmeter_properties().end()};
  return settings;
}

v1::Load ToLoadProto(const LoadSettings& settings, const LoadStatistics& statistics) {
  v1::Load load;
  *load.mutable_spec() = SpecOf(settings);
  load.set_running(statistics.running);
  load.set_requests(statistics.requests);
  load.set_errors(statistics.errors);
  load.set_requests_per_second(statistics.requests_per_second);
  load.set_p50_ms(statistics.p50_ms);
  load.set_p95_ms(statistics.p95_ms);
  load.set_p99_ms(statistics.p99_ms);
  load.set_offered(statistics.offered);
  load.set_late(statistics.late);
  load.set_offered_per_second(statistics.offered_per_second);
  load.set_failure(statistics.failure);
  return load;
}

absl::StatusOr<LoadLimitRequest> LoadLimitRequestOf(const v1::CalibrateLoadRequest& request) {
  LoadLimitRequest wanted;
  GRAYLING_ASSIGN_OR_RETURN(wanted.settings, LoadSettingsOf(request.spec()));
  GRAYLING_ASSIGN_OR_RETURN(
      wanted.limits, ParseSlo(request.limits().empty() ? "errors<=1%" : request.limits()));
  if (request.most_users() > 0) wanted.most_users = request.most_users();
  wanted.first_users = request.first_users() > 0 ? request.first_users()
                                                 : std::min(wanted.first_users, wanted.most_users);
  if (request.look_s() > 0) wanted.look_s = static_cast<int>(std::min(request.look_s(), 10'000u));
  return wanted;
}

v1::CalibrateLoadResponse ToProto(const LoadLimitPoint& point) {
  const std::vector<double>& good = point.clients.good_per_second;
  v1::CalibrateLoadResponse message;
  message.set_users(point.users);
  if (!good.empty()) {
    const double sum = std::accumulate(good.begin(), good.end(), 0.0);
    message.set_requests_per_second(sum / static_cast<double>(good.size()));
  }
  message.set_error_percent(point.clients.error_percent);
  message.set_p95_ms(point.clients.p95_ms);
  message.set_broken(point.broken);
  return message;
}

}  // namespace grayling

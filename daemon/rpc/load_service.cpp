#include "daemon/rpc/load_service.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {
namespace {

absl::StatusOr<LoadSettings> SettingsOf(const v1::LoadSpec& spec) {
  for (const double time :
       {spec.think_time_mean_ms(), spec.think_time_deviation_ms(), spec.ramp_up_s()}) {
    if (!std::isfinite(time)) {
      return absl::InvalidArgumentError("load spec: think time and ramp-up must be finite numbers");
    }
  }
  LoadSettings settings;
  settings.base_url = spec.base_url();
  settings.users = spec.users();
  settings.think_time_mean = absl::Milliseconds(spec.think_time_mean_ms());
  settings.think_time_deviation = absl::Milliseconds(spec.think_time_deviation_ms());
  settings.ramp_up = absl::Seconds(spec.ramp_up_s());
  if (!spec.mix().empty()) settings.mix = spec.mix();
  settings.seed = spec.seed();
  settings.jmeter_plan = spec.jmeter_plan();
  settings.jmeter_properties = {spec.jmeter_properties().begin(), spec.jmeter_properties().end()};
  return settings;
}

}  // namespace

absl::Status LoadServiceAdapter::CheckNoCampaign() {
  const std::optional<std::string> campaign = running_campaign_();
  if (!campaign.has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      *campaign, " runs and the load is its own; wait for the campaign's end or abort it"));
}

grpc::Status LoadServiceAdapter::StartLoad(grpc::ServerContext*,
                                           const v1::StartLoadRequest* request,
                                           v1::Load* response) {
  const absl::StatusOr<LoadSettings> settings = SettingsOf(request->spec());
  if (!settings.ok()) return ToGrpc(settings.status());
  if (const absl::Status free = CheckNoCampaign(); !free.ok()) return ToGrpc(free);
  const absl::Status started = generator_.Start(*settings);
  if (started.ok()) Describe(response);
  return ToGrpc(started);
}

grpc::Status LoadServiceAdapter::StopLoad(grpc::ServerContext*, const v1::StopLoadRequest*,
                                          v1::Load* response) {
  if (const absl::Status free = CheckNoCampaign(); !free.ok()) return ToGrpc(free);
  const absl::Status stopped = generator_.Stop();
  if (stopped.ok()) Describe(response);
  return ToGrpc(stopped);
}

grpc::Status LoadServiceAdapter::GetLoad(grpc::ServerContext*, const v1::GetLoadRequest*,
                                         v1::Load* response) {
  Describe(response);
  return grpc::Status::OK;
}

void LoadServiceAdapter::Describe(v1::Load* load) {
  const LoadSettings settings = generator_.Settings();
  v1::LoadSpec* spec = load->mutable_spec();
  spec->set_base_url(settings.base_url);
  spec->set_users(settings.users);
  spec->set_think_time_mean_ms(absl::ToDoubleMilliseconds(settings.think_time_mean));
  spec->set_think_time_deviation_ms(absl::ToDoubleMilliseconds(settings.think_time_deviation));
  spec->set_ramp_up_s(absl::ToDoubleSeconds(settings.ramp_up));
  spec->set_mix(settings.mix);
  spec->set_seed(settings.seed);
  spec->set_jmeter_plan(settings.jmeter_plan);
  for (const auto& [name, value] : settings.jmeter_properties) {
    (*spec->mutable_jmeter_properties())[name] = value;
  }

  const LoadStatistics statistics = generator_.Statistics();
  load->set_running(statistics.running);
  load->set_requests(statistics.requests);
  load->set_errors(statistics.errors);
  load->set_requests_per_second(statistics.requests_per_second);
  load->set_p50_ms(statistics.p50_ms);
  load->set_p95_ms(statistics.p95_ms);
  load->set_p99_ms(statistics.p99_ms);
  load->set_failure(statistics.failure);
}

}  // namespace grayling

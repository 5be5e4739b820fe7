#include "daemon/rpc/load_service.h"

#include "absl/strings/str_cat.h"
#include "daemon/rpc/cancel_watch.h"
#include "daemon/rpc/load_message.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {
namespace {

constexpr absl::Duration kWatchPeriod = absl::Seconds(1);

std::string VerdictOf(const LoadLimitRequest& wanted, uint32_t users) {
  if (users == 0) {
    return absl::StrCat("not even one user keeps ", wanted.limits.text,
                        ": look at the application first");
  }
  if (users == wanted.most_users) {
    return absl::StrCat(users, " users keep ", wanted.limits.text,
                        ", and no more were to be tried; raise the largest number to go on");
  }
  return absl::StrCat(users, users == 1 ? " user is" : " users are", " the most that keep",
                      users == 1 ? "s " : " ", wanted.limits.text);
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
  const absl::StatusOr<LoadSettings> settings = LoadSettingsOf(request->spec());
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

grpc::Status LoadServiceAdapter::WatchLoad(grpc::ServerContext* context,
                                           const v1::WatchLoadRequest*,
                                           grpc::ServerWriter<v1::Load>* writer) {
  const CancelWatch cancelled(*context);
  absl::Time next = clock_.Now();
  do {
    v1::Load load;
    Describe(&load);
    if (!writer->Write(load)) break;
    if (!load.running()) return grpc::Status::OK;
    next += kWatchPeriod;
  } while (clock_.SleepUntil(next, cancelled.notification()));
  return grpc::Status(grpc::StatusCode::CANCELLED, "the watcher went away");
}

grpc::Status LoadServiceAdapter::CalibrateLoad(
    grpc::ServerContext* context, const v1::CalibrateLoadRequest* request,
    grpc::ServerWriter<v1::CalibrateLoadResponse>* writer) {
  const absl::StatusOr<LoadLimitRequest> wanted = LoadLimitRequestOf(*request);
  if (!wanted.ok()) return ToGrpc(wanted.status());
  if (const absl::Status free = CheckNoCampaign(); !free.ok()) return ToGrpc(free);
  const CancelWatch cancelled(*context);
  const absl::StatusOr<uint32_t> users =
      FindLoadLimit(*wanted, generator_, clock_, cancelled.notification(),
                    [writer](const LoadLimitPoint& point) { writer->Write(ToProto(point)); });
  if (!users.ok()) return ToGrpc(users.status());
  v1::CalibrateLoadResponse result;
  result.set_done(true);
  result.set_users(*users);
  result.set_verdict(VerdictOf(*wanted, *users));
  writer->Write(result);
  return grpc::Status::OK;
}

void LoadServiceAdapter::Describe(v1::Load* load) {
  *load = ToLoadProto(generator_.Settings(), generator_.Statistics());
}

}  // namespace grayling

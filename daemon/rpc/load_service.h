#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "daemon/load/load_generator.h"
#include "grayling/v1/load.grpc.pb.h"

namespace grayling {

// LoadService on a LoadGenerator. Quantiles are NaN for a second without an answer. Thread-safe.
class LoadServiceAdapter final : public v1::LoadService::Service {
 public:
  // The name of the campaign that runs, if one does: the load is its own then, and StartLoad and
  // StopLoad are FAILED_PRECONDITION.
  using RunningCampaign = std::function<std::optional<std::string>()>;

  // `generator` and `clock` must outlive the adapter.
  LoadServiceAdapter(LoadGenerator& generator, Clock& clock, RunningCampaign running_campaign)
      : generator_(generator), clock_(clock), running_campaign_(std::move(running_campaign)) {}

  // An empty `mix` means petclinic. All other fields are taken as they are: no think time means
  // requests back to back.
  grpc::Status StartLoad(grpc::ServerContext* context, const v1::StartLoadRequest* request,
                         v1::Load* response) override;
  // Answers with the totals of the load that was stopped.
  grpc::Status StopLoad(grpc::ServerContext* context, const v1::StopLoadRequest* request,
                        v1::Load* response) override;
  grpc::Status GetLoad(grpc::ServerContext* context, const v1::GetLoadRequest* request,
                       v1::Load* response) override;
  grpc::Status WatchLoad(grpc::ServerContext* context, const v1::WatchLoadRequest* request,
                         grpc::ServerWriter<v1::Load>* writer) override;
  grpc::Status CalibrateLoad(grpc::ServerContext* context,
                             const v1::CalibrateLoadRequest* request,
                             grpc::ServerWriter<v1::CalibrateLoadResponse>* writer) override;

 private:
  absl::Status CheckNoCampaign();
  void Describe(v1::Load* load);

  LoadGenerator& generator_;
  Clock& clock_;
  const RunningCampaign running_campaign_;
};

}  // namespace grayling

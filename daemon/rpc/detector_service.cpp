#include "daemon/rpc/detector_service.h"

#include <utility>

#include "base/proto_time.h"
#include "daemon/rpc/paging.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {
namespace {

// How soon a stream without rows notices that its client has left.
constexpr absl::Duration kCancelCheck = absl::Milliseconds(200);

v1::WatchScoresResponse MessageOf(const ScoreRow& row, uint64_t dropped) {
  v1::WatchScoresResponse message;
  ToProto(row.time, message.mutable_time());
  message.set_score(row.score);
  message.set_alarm(row.alarm);
  message.set_dropped(dropped);
  for (size_t i = 0; i < row.service_scores.size(); ++i) {
    v1::ServiceScore* service = message.add_services();
    service->set_service((*row.services)[i]);
    service->set_score(row.service_scores[i]);
  }
  return message;
}

}  // namespace

grpc::Status DetectorServiceAdapter::WatchScores(
    grpc::ServerContext* context, const v1::WatchScoresRequest*,
    grpc::ServerWriter<v1::WatchScoresResponse>* writer) {
  const std::shared_ptr<ScoreQueue> queue = feed_.Watch();
  // The client sees that it is subscribed before the first row comes.
  writer->SendInitialMetadata();
  ScoreRow row;
  uint64_t dropped = 0;
  while (!context->IsCancelled()) {
    switch (queue->Next(kCancelCheck, row, dropped)) {
      case ScoreQueue::Outcome::kClosed:
        return grpc::Status::OK;
      case ScoreQueue::Outcome::kTimeout:
        break;
      case ScoreQueue::Outcome::kRow:
        if (!writer->Write(MessageOf(row, dropped))) return grpc::Status::CANCELLED;
        break;
    }
  }
  return grpc::Status::CANCELLED;
}

grpc::Status DetectorServiceAdapter::ListAlarms(grpc::ServerContext*,
                                                const v1::ListAlarmsRequest* request,
                                                v1::ListAlarmsResponse* response) {
  absl::StatusOr<std::vector<v1::Alarm>> alarms = alarms_.List();
  if (!alarms.ok()) return ToGrpc(alarms.status());
  const absl::StatusOr<Page> page =
      PageOf(alarms->size(), request->page_size(), request->page_token());
  if (!page.ok()) return ToGrpc(page.status());
  for (size_t i = page->begin; i < page->end; ++i) {
    *response->add_alarms() = std::move((*alarms)[i]);
  }
  response->set_next_page_token(page->next_token);
  return grpc::Status::OK;
}

}  // namespace grayling

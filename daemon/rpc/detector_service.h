#pragma once

#include "daemon/detect/alarm_log.h"
#include "daemon/detect/score_feed.h"
#include "grayling/v1/detector.grpc.pb.h"

namespace grayling {

// DetectorService on the live detector's feed and alarm log. Thread-safe.
class DetectorServiceAdapter final : public v1::DetectorService::Service {
 public:
  // Both must outlive the adapter.
  DetectorServiceAdapter(ScoreFeed& feed, AlarmLog& alarms) : feed_(feed), alarms_(alarms) {}

  // Ends when the client leaves or the feed closes. Holds one of the server's threads meanwhile.
  grpc::Status WatchScores(grpc::ServerContext* context, const v1::WatchScoresRequest* request,
                           grpc::ServerWriter<v1::WatchScoresResponse>* writer) override;
  grpc::Status ListAlarms(grpc::ServerContext* context, const v1::ListAlarmsRequest* request,
                          v1::ListAlarmsResponse* response) override;

 private:
  ScoreFeed& feed_;
  AlarmLog& alarms_;
};

}  // namespace grayling

#include "daemon/rpc/metric_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "daemon/rpc/paging.h"
#include "daemon/rpc/scrape_target_message.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {
namespace {

constexpr int kPointsPerMessage = 1000;

// Sends points in full messages. Fails when the client is gone.
class PointWriter {
 public:
  PointWriter(SampleStore& samples, const std::string& contains,
              grpc::ServerWriter<v1::QueryRangeResponse>& writer)
      : samples_(samples), contains_(contains), writer_(writer) {}

  absl::Status Add(const SampleBatch& batch) {
    for (size_t i = 0; i < batch.series.size(); ++i) {
      GRAYLING_ASSIGN_OR_RETURN(const std::string* const text, WantedText(batch.series[i]));
      if (text == nullptr) continue;
      v1::Point& point = *message_.add_points();
      point.set_series(*text);
      point.set_time_ms(batch.time_ms);
      point.set_value(batch.values[i]);
      if (message_.points_size() == kPointsPerMessage) GRAYLING_RETURN_IF_ERROR(Send());
    }
    return absl::OkStatus();
  }

  absl::Status Send() {
    if (message_.points_size() == 0) return absl::OkStatus();
    const bool sent = writer_.Write(message_);
    message_.clear_points();
    return sent ? absl::OkStatus() : absl::CancelledError("the client has ended the query");
  }

 private:
  struct Choice {
    bool known = false;
    bool wanted = false;
    std::string text;
  };

  // nullptr for a series that was not asked for.
  absl::StatusOr<const std::string*> WantedText(SeriesId id) {
    if (id >= choices_.size()) choices_.resize(id + 1);
    Choice& choice = choices_[id];
    if (!choice.known) {
      GRAYLING_ASSIGN_OR_RETURN(choice.text, samples_.Text(id));
      choice.known = true;
      choice.wanted = absl::StrContains(choice.text, contains_);
    }
    return choice.wanted ? &choice.text : nullptr;
  }

  SampleStore& samples_;
  const std::string& contains_;
  grpc::ServerWriter<v1::QueryRangeResponse>& writer_;
  std::vector<Choice> choices_;
  v1::QueryRangeResponse message_;
};

}  // namespace

absl::Status MetricServiceAdapter::RestoreTargets() {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<Record> records, targets_.List());
  absl::Status first_error;
  for (const Record& record : records) {
    v1::ScrapeTarget message;
    if (!message.ParseFromString(record.body)) {
      first_error.Update(absl::DataLossError(absl::StrCat(
          "the kept settings of ", record.name, " are damaged; delete it and create it again")));
      continue;
    }
    const absl::StatusOr<ScrapeTargetSettings> settings = SettingsOf(record.name, message);
    first_error.Update(settings.ok() ? scraper_.Add(*settings) : settings.status());
  }
  return first_error;
}

absl::Status MetricServiceAdapter::Create(const v1::CreateScrapeTargetRequest& request,
                                          v1::ScrapeTarget& response) {
  GRAYLING_ASSIGN_OR_RETURN(const ScrapeTargetSettings settings,
                            SettingsOf(absl::StrCat("scrapeTargets/", request.scrape_target_id()),
                                       request.scrape_target()));
  GRAYLING_RETURN_IF_ERROR(scraper_.Add(settings));
  response = MessageOf(settings);
  const absl::Status kept = targets_.Put(settings.name, response.SerializeAsString(), clock_.Now());
  if (!kept.ok()) scraper_.Remove(settings.name).IgnoreError();
  return kept;
}

// A target that is in one place only, because its record is damaged or invalid, can still be
// deleted.
absl::Status MetricServiceAdapter::Delete(const std::string& name) {
  const absl::Status removed = scraper_.Remove(name);
  const absl::Status forgotten = targets_.Delete(name);
  if (absl::IsNotFound(forgotten)) return removed;
  return forgotten;
}

absl::Status MetricServiceAdapter::Query(const v1::QueryRangeRequest& request,
                                         grpc::ServerWriter<v1::QueryRangeResponse>& writer) {
  const absl::Time from = FromProto(request.start_time());
  // One millisecond more, so that "now" includes what was stored this instant.
  const absl::Time to =
      request.has_end_time() ? FromProto(request.end_time()) : clock_.Now() + absl::Milliseconds(1);
  if (to < from) {
    return absl::InvalidArgumentError("end_time is before start_time; exchange them");
  }
  PointWriter points(samples_, request.contains(), writer);
  GRAYLING_RETURN_IF_ERROR(
      samples_.Scan(from, to, [&](const SampleBatch& batch) { return points.Add(batch); }));
  return points.Send();
}

grpc::Status MetricServiceAdapter::CreateScrapeTarget(grpc::ServerContext* /*context*/,
                                                      const v1::CreateScrapeTargetRequest* request,
                                                      v1::ScrapeTarget* response) {
  return ToGrpc(Create(*request, *response));
}

grpc::Status MetricServiceAdapter::ListScrapeTargets(grpc::ServerContext* /*context*/,
                                                     const v1::ListScrapeTargetsRequest* request,
                                                     v1::ListScrapeTargetsResponse* response) {
  const std::vector<ScrapeTargetStatus> list = scraper_.List();
  const absl::StatusOr<Page> page =
      PageOf(list.size(), request->page_size(), request->page_token());
  if (!page.ok()) return ToGrpc(page.status());
  for (size_t i = page->begin; i < page->end; ++i) {
    *response->add_scrape_targets() = MessageOf(list[i]);
  }
  response->set_next_page_token(page->next_token);
  return grpc::Status::OK;
}

grpc::Status MetricServiceAdapter::DeleteScrapeTarget(
    grpc::ServerContext* /*context*/, const v1::DeleteScrapeTargetRequest* request,
    v1::DeleteScrapeTargetResponse* /*response*/) {
  return ToGrpc(Delete(request->name()));
}

grpc::Status MetricServiceAdapter::ListSeries(grpc::ServerContext* /*context*/,
                                              const v1::ListSeriesRequest* request,
                                              v1::ListSeriesResponse* response) {
  absl::StatusOr<std::vector<std::string>> series = samples_.ListSeries();
  if (!series.ok()) return ToGrpc(series.status());
  std::erase_if(*series, [&](const std::string& text) {
    return !absl::StrContains(text, request->contains());
  });
  const absl::StatusOr<Page> page =
      PageOf(series->size(), request->page_size(), request->page_token());
  if (!page.ok()) return ToGrpc(page.status());
  for (size_t i = page->begin; i < page->end; ++i) {
    response->add_series(std::move((*series)[i]));
  }
  response->set_next_page_token(page->next_token);
  return grpc::Status::OK;
}

grpc::Status MetricServiceAdapter::QueryRange(grpc::ServerContext* /*context*/,
                                              const v1::QueryRangeRequest* request,
                                              grpc::ServerWriter<v1::QueryRangeResponse>* writer) {
  return ToGrpc(Query(*request, *writer));
}

}  // namespace grayling

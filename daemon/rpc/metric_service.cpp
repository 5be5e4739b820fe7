#include "daemon/rpc/metric_service.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "daemon/rpc/metric_catalogue_list.h"
#include "daemon/rpc/metric_query.h"
#include "daemon/rpc/paging.h"
#include "daemon/rpc/scrape_target_message.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {

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
  return ToGrpc(ListSeriesPage(*request, samples_, *response));
}

grpc::Status MetricServiceAdapter::QueryRange(grpc::ServerContext* /*context*/,
                                              const v1::QueryRangeRequest* request,
                                              grpc::ServerWriter<v1::QueryRangeResponse>* writer) {
  return ToGrpc(
      QuerySamples(*request, clock_.Now(), samples_,
                   [writer](const v1::QueryRangeResponse& part) { return writer->Write(part); }));
}

grpc::Status MetricServiceAdapter::ListMetricCatalogue(
    grpc::ServerContext* /*context*/, const v1::ListMetricCatalogueRequest* request,
    v1::ListMetricCatalogueResponse* response) {
  return ToGrpc(ListCatalogue(*request, *response));
}

}  // namespace grayling

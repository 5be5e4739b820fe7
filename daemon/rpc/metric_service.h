#pragma once

#include "absl/status/status.h"
#include "base/clock.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/scraper.h"
#include "daemon/store/records.h"
#include "grayling/v1/metric.grpc.pb.h"

namespace grayling {

// MetricService: scrape targets, series and raw samples. Targets are kept in `targets`, the
// collection "scrape_targets", as serialised ScrapeTarget messages. Thread-safe.
class MetricServiceAdapter final : public v1::MetricService::Service {
 public:
  // All must outlive the service.
  MetricServiceAdapter(Scraper& scraper, SampleStore& samples, RecordStore& targets, Clock& clock)
      : scraper_(scraper), samples_(samples), targets_(targets), clock_(clock) {}

  // Adds the kept targets to the scraper again. Call once, before serving. One that is no longer
  // valid is an error that names it; the others are added all the same.
  absl::Status RestoreTargets();

  // Period 0 means 1 s; timeout 0 means the period, at most 10 s.
  grpc::Status CreateScrapeTarget(grpc::ServerContext* context,
                                  const v1::CreateScrapeTargetRequest* request,
                                  v1::ScrapeTarget* response) override;
  grpc::Status ListScrapeTargets(grpc::ServerContext* context,
                                 const v1::ListScrapeTargetsRequest* request,
                                 v1::ListScrapeTargetsResponse* response) override;
  grpc::Status DeleteScrapeTarget(grpc::ServerContext* context,
                                  const v1::DeleteScrapeTargetRequest* request,
                                  v1::DeleteScrapeTargetResponse* response) override;
  grpc::Status ListSeries(grpc::ServerContext* context, const v1::ListSeriesRequest* request,
                          v1::ListSeriesResponse* response) override;
  // metric_query.h says how.
  grpc::Status QueryRange(grpc::ServerContext* context, const v1::QueryRangeRequest* request,
                          grpc::ServerWriter<v1::QueryRangeResponse>* writer) override;
  grpc::Status ListMetricCatalogue(grpc::ServerContext* context,
                                   const v1::ListMetricCatalogueRequest* request,
                                   v1::ListMetricCatalogueResponse* response) override;

 private:
  absl::Status Create(const v1::CreateScrapeTargetRequest& request, v1::ScrapeTarget& response);
  absl::Status Delete(const std::string& name);

  Scraper& scraper_;
  SampleStore& samples_;
  RecordStore& targets_;
  Clock& clock_;
};

}  // namespace grayling

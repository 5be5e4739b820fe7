#pragma once

#include "absl/status/status.h"
#include "base/clock.h"
#include "daemon/ingest/sample_intake.h"
#include "daemon/ingest/series_keys.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/scraper.h"
#include "daemon/retention/pins.h"
#include "daemon/rpc/ingest_stream.h"
#include "daemon/store/records.h"
#include "grayling/v1/metric.grpc.pb.h"

namespace grayling {

// What the service needs for samples that others push and for what is kept.
struct PushedSamples {
  SampleIntake& intake;
  Pins& pins;
};

// MetricService: scrape targets, series and raw samples. Targets are kept in `targets`, the
// collection "scrape_targets", as serialised ScrapeTarget messages. Thread-safe.
class MetricServiceAdapter final
    : public v1::MetricService::WithCallbackMethod_IngestSamples<v1::MetricService::Service> {
 public:
  // All must outlive the service.
  MetricServiceAdapter(Scraper& scraper, SampleStore& samples, RecordStore& targets,
                       PushedSamples pushed, Clock& clock)
      : scraper_(scraper),
        samples_(samples),
        targets_(targets),
        pushed_(pushed),
        keys_(samples, &SeriesOfText),
        clock_(clock) {}

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

  // Without a thread per stream.
  grpc::ServerBidiReactor<v1::IngestSamplesRequest, v1::IngestSamplesResponse>* IngestSamples(
      grpc::CallbackServerContext* /*context*/) override {
    return new IngestStream(pushed_.intake, keys_);  // it deletes itself, as gRPC has it
  }
  grpc::Status CreatePin(grpc::ServerContext* context, const v1::CreatePinRequest* request,
                         v1::Pin* response) override;
  grpc::Status ListPins(grpc::ServerContext* context, const v1::ListPinsRequest* request,
                        v1::ListPinsResponse* response) override;
  grpc::Status DeletePin(grpc::ServerContext* context, const v1::DeletePinRequest* request,
                         v1::DeletePinResponse* response) override;

 private:
  absl::Status Create(const v1::CreateScrapeTargetRequest& request, v1::ScrapeTarget& response);
  absl::Status Delete(const std::string& name);

  Scraper& scraper_;
  SampleStore& samples_;
  RecordStore& targets_;
  const PushedSamples pushed_;
  SeriesKeys keys_;
  Clock& clock_;
};

}  // namespace grayling

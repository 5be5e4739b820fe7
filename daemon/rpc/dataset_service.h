#pragma once

#include "daemon/metrics/sample_store.h"
#include "daemon/store/records.h"
#include "grayling/v1/dataset.grpc.pb.h"

namespace grayling {

// DatasetService on the recorded samples and the collection "campaigns". Thread-safe.
class DatasetServiceAdapter final : public v1::DatasetService::Service {
 public:
  // Both must outlive the adapter.
  DatasetServiceAdapter(RecordStore& campaigns, SampleStore& samples)
      : campaigns_(campaigns), samples_(samples) {}

  // At most 500 rows a message, fewer where rows are very wide.
  grpc::Status StreamDataset(grpc::ServerContext* context, const v1::StreamDatasetRequest* request,
                             grpc::ServerWriter<v1::StreamDatasetResponse>* writer) override;

 private:
  RecordStore& campaigns_;
  SampleStore& samples_;
};

}  // namespace grayling

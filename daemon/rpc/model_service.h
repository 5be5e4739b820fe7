#pragma once

#include "daemon/detect/models.h"
#include "daemon/rpc/request_memory.h"
#include "grayling/v1/model.grpc.pb.h"

namespace grayling {

// ModelService on Models. Thread-safe.
class ModelServiceAdapter final : public v1::ModelService::Service {
 public:
  // `models` must outlive the adapter.
  explicit ModelServiceAdapter(Models& models) : models_(models) {}

  grpc::Status UploadModel(grpc::ServerContext* context, const v1::UploadModelRequest* request,
                           v1::Model* response) override;
  grpc::Status GetModel(grpc::ServerContext* context, const v1::GetModelRequest* request,
                        v1::Model* response) override;
  grpc::Status ListModels(grpc::ServerContext* context, const v1::ListModelsRequest* request,
                          v1::ListModelsResponse* response) override;
  grpc::Status ActivateModel(grpc::ServerContext* context, const v1::ActivateModelRequest* request,
                             v1::Model* response) override;
  grpc::Status RollbackModel(grpc::ServerContext* context, const v1::RollbackModelRequest* request,
                             v1::Model* response) override;

 private:
  Models& models_;
  RequestMemory requests_;
};

}  // namespace grayling

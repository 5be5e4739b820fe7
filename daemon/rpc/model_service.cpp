#include "daemon/rpc/model_service.h"

#include <utility>

#include "daemon/rpc/paging.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {
namespace {

grpc::Status Answer(absl::StatusOr<v1::Model> model, v1::Model* response) {
  if (model.ok()) *response = *std::move(model);
  return ToGrpc(model.status());
}

}  // namespace

grpc::Status ModelServiceAdapter::UploadModel(grpc::ServerContext*,
                                              const v1::UploadModelRequest* request,
                                              v1::Model* response) {
  return Answer(models_.Upload(request->content(), request->description()), response);
}

grpc::Status ModelServiceAdapter::GetModel(grpc::ServerContext*, const v1::GetModelRequest* request,
                                           v1::Model* response) {
  return Answer(models_.Get(request->name()), response);
}

grpc::Status ModelServiceAdapter::ListModels(grpc::ServerContext*,
                                             const v1::ListModelsRequest* request,
                                             v1::ListModelsResponse* response) {
  absl::StatusOr<std::vector<v1::Model>> models = models_.List();
  if (!models.ok()) return ToGrpc(models.status());
  const absl::StatusOr<Page> page =
      PageOf(models->size(), request->page_size(), request->page_token());
  if (!page.ok()) return ToGrpc(page.status());
  for (size_t i = page->begin; i < page->end; ++i) {
    *response->add_models() = std::move((*models)[i]);
  }
  response->set_next_page_token(page->next_token);
  return grpc::Status::OK;
}

grpc::Status ModelServiceAdapter::ActivateModel(grpc::ServerContext*,
                                                const v1::ActivateModelRequest* request,
                                                v1::Model* response) {
  return Answer(models_.Activate(request->name()), response);
}

grpc::Status ModelServiceAdapter::RollbackModel(grpc::ServerContext*,
                                                const v1::RollbackModelRequest* request,
                                                v1::Model* response) {
  const absl::StatusOr<std::string> name =
      requests_.Once(request->request_id(), [&]() -> absl::StatusOr<std::string> {
        const absl::StatusOr<v1::Model> model = models_.Rollback();
        if (!model.ok()) return model.status();
        return model->name();
      });
  if (!name.ok()) return ToGrpc(name.status());
  return Answer(models_.Get(*name), response);
}

}  // namespace grayling

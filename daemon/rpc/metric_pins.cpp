#include "daemon/rpc/metric_service.h"
#include "daemon/rpc/paging.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {

grpc::Status MetricServiceAdapter::CreatePin(grpc::ServerContext* /*context*/,
                                             const v1::CreatePinRequest* request,
                                             v1::Pin* response) {
  absl::StatusOr<v1::Pin> pin = pushed_.pins.Create(request->pin_id(), request->pin());
  if (!pin.ok()) return ToGrpc(pin.status());
  *response = *std::move(pin);
  return grpc::Status::OK;
}

grpc::Status MetricServiceAdapter::ListPins(grpc::ServerContext* /*context*/,
                                            const v1::ListPinsRequest* request,
                                            v1::ListPinsResponse* response) {
  absl::StatusOr<std::vector<v1::Pin>> pins = pushed_.pins.List();
  if (!pins.ok()) return ToGrpc(pins.status());
  const absl::StatusOr<Page> page =
      PageOf(pins->size(), request->page_size(), request->page_token());
  if (!page.ok()) return ToGrpc(page.status());
  for (size_t i = page->begin; i < page->end; ++i) {
    *response->add_pins() = std::move((*pins)[i]);
  }
  response->set_next_page_token(page->next_token);
  return grpc::Status::OK;
}

grpc::Status MetricServiceAdapter::DeletePin(grpc::ServerContext* /*context*/,
                                             const v1::DeletePinRequest* request,
                                             v1::DeletePinResponse* response) {
  absl::StatusOr<std::string> consequence = pushed_.pins.Delete(request->name());
  if (!consequence.ok()) return ToGrpc(consequence.status());
  response->set_consequence(*std::move(consequence));
  return grpc::Status::OK;
}

}  // namespace grayling

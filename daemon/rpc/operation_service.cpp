#include "daemon/rpc/operation_service.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "base/proto_time.h"
#include "daemon/rpc/paging.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {
namespace {

// How often a wait looks whether its caller has gone.
constexpr absl::Duration kSlice = absl::Milliseconds(500);

}  // namespace

grpc::Status OperationServiceAdapter::GetOperation(grpc::ServerContext*,
                                                   const v1::GetOperationRequest* request,
                                                   v1::Operation* response) {
  const absl::StatusOr<v1::Operation> operation = operations_.Get(request->name());
  if (operation.ok()) *response = *operation;
  return ToGrpc(operation.status());
}

grpc::Status OperationServiceAdapter::ListOperations(grpc::ServerContext*,
                                                     const v1::ListOperationsRequest* request,
                                                     v1::ListOperationsResponse* response) {
  const std::vector<v1::Operation> operations = operations_.List();
  const absl::StatusOr<Page> page =
      PageOf(operations.size(), request->page_size(), request->page_token());
  if (!page.ok()) return ToGrpc(page.status());
  for (size_t i = page->begin; i < page->end; ++i) *response->add_operations() = operations[i];
  response->set_next_page_token(page->next_token);
  return grpc::Status::OK;
}

grpc::Status OperationServiceAdapter::WaitOperation(grpc::ServerContext* context,
                                                    const v1::WaitOperationRequest* request,
                                                    v1::Operation* response) {
  const absl::Time deadline =
      request->has_timeout() ? absl::Now() + FromProto(request->timeout()) : absl::InfiniteFuture();
  while (true) {
    const absl::Duration left = deadline - absl::Now();
    const absl::StatusOr<v1::Operation> operation =
        operations_.Wait(request->name(), std::clamp(left, absl::ZeroDuration(), kSlice));
    if (!operation.ok()) return ToGrpc(operation.status());
    if (operation->done() || left <= kSlice || context->IsCancelled()) {
      *response = *operation;
      return grpc::Status::OK;
    }
  }
}

}  // namespace grayling

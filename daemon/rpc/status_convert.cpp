#include "daemon/rpc/status_convert.h"

#include "grayling/v1/error.pb.h"

namespace grayling {

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  v1::ErrorInfo info;
  info.set_reason(absl::StatusCodeToString(status.code()));
  info.set_domain("grayling");
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                      info.SerializeAsString());
}

}  // namespace grayling

#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace grayling {

// The one place where a domain error becomes a gRPC status. The codes have equal numbers; the
// detail is a serialised grayling.v1.ErrorInfo whose reason is the code's name.
grpc::Status ToGrpc(const absl::Status& status);

}  // namespace grayling

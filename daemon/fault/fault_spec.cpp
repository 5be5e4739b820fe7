#include "daemon/fault/fault_spec.h"

#include "base/proto_shape.h"
#include "base/proto_time.h"

namespace grayling {

FaultRequest FromSpecProto(const v1::FaultSpec& spec) {
  FaultRequest request;
  request.kind = spec.kind();
  request.vm = spec.vm();
  request.service = spec.service();
  request.parameters.insert(spec.parameters().begin(), spec.parameters().end());
  request.options.insert(spec.options().begin(), spec.options().end());
  request.duration = FromProto(spec.duration());
  request.shape = FromShapeProto(spec.shape());
  if (!spec.backend().empty()) request.backend = spec.backend();
  request.arguments.assign(spec.arguments().begin(), spec.arguments().end());
  return request;
}

}  // namespace grayling

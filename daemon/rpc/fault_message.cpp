#include "daemon/rpc/fault_message.h"

#include "base/proto_shape.h"
#include "base/proto_time.h"

namespace grayling {

v1::Fault ToFaultProto(const FaultRecord& fault) {
  v1::Fault proto;
  proto.set_name(fault.name);
  v1::FaultSpec& spec = *proto.mutable_spec();
  spec.set_kind(fault.kind);
  spec.set_vm(fault.vm);
  spec.set_service(fault.service);
  spec.mutable_parameters()->insert(fault.parameters.begin(), fault.parameters.end());
  spec.mutable_options()->insert(fault.options.begin(), fault.options.end());
  ToProto(fault.duration, spec.mutable_duration());
  FaultShape shape;
  if (ParseShape(fault.shape, shape).empty()) *spec.mutable_shape() = ToShapeProto(shape);
  spec.set_backend(fault.backend);
  spec.mutable_arguments()->Assign(fault.arguments.begin(), fault.arguments.end());
  proto.set_state(static_cast<v1::FaultState>(fault.state));  // equal numbers
  proto.set_reason(fault.reason);
  proto.set_campaign(fault.campaign);
  ToProto(fault.created, proto.mutable_create_time());
  if (fault.verified != absl::InfinitePast()) {
    ToProto(fault.verified, proto.mutable_verified_time());
  }
  if (fault.reverted != absl::InfinitePast()) {
    ToProto(fault.reverted, proto.mutable_reverted_time());
  }
  return proto;
}

}  // namespace grayling

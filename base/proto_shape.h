#pragma once

#include "base/fault_shape.h"
#include "base/proto_time.h"
#include "grayling/v1/fault.pb.h"

namespace grayling {

// Between the catalogue's shape and the contract's. A kind of a later version becomes a shape that
// ShapeComplaint() refuses.
inline v1::FaultShape ToShapeProto(const FaultShape& shape) {
  v1::FaultShape proto;
  proto.set_kind(v1::FaultShape::KIND_CONSTANT);
  if (shape.IsConstant()) return proto;
  if (shape.kind == "ramp") proto.set_kind(v1::FaultShape::KIND_RAMP);
  if (shape.kind == "step") proto.set_kind(v1::FaultShape::KIND_STEP);
  if (shape.kind == "pulse") proto.set_kind(v1::FaultShape::KIND_PULSE);
  if (shape.kind == "random_walk") proto.set_kind(v1::FaultShape::KIND_RANDOM_WALK);
  proto.set_from_share(shape.from);
  proto.set_steps(shape.steps);
  ToProto(absl::Seconds(shape.period_s), proto.mutable_period());
  proto.set_duty(shape.duty);
  proto.set_seed(shape.seed);
  return proto;
}

inline FaultShape FromShapeProto(const v1::FaultShape& proto) {
  FaultShape shape;
  switch (proto.kind()) {
    case v1::FaultShape::KIND_UNSPECIFIED:
    case v1::FaultShape::KIND_CONSTANT:
      return shape;
    case v1::FaultShape::KIND_RAMP:
      shape.kind = "ramp";
      break;
    case v1::FaultShape::KIND_STEP:
      shape.kind = "step";
      break;
    case v1::FaultShape::KIND_PULSE:
      shape.kind = "pulse";
      break;
    case v1::FaultShape::KIND_RANDOM_WALK:
      shape.kind = "random_walk";
      break;
    default:
      shape.kind = "of a later version";  // refused by ShapeComplaint()
  }
  shape.from = proto.from_share();
  if (proto.steps() != 0) shape.steps = proto.steps();
  if (proto.has_period()) shape.period_s = absl::ToDoubleSeconds(FromProto(proto.period()));
  if (proto.duty() != 0) shape.duty = proto.duty();
  if (proto.seed() != 0) shape.seed = proto.seed();
  return shape;
}

}  // namespace grayling

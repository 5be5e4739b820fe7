#pragma once

#include "daemon/fault/faults.h"
#include "grayling/v1/fault.pb.h"

namespace grayling {

// What a spec of the contract asks for, by hand (no campaign).
FaultRequest FromSpecProto(const v1::FaultSpec& spec);

}  // namespace grayling

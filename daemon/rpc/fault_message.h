#pragma once

#include "daemon/fault/faults.h"
#include "grayling/v1/fault.pb.h"

namespace grayling {

// A fault as the contract shows it. Instants that did not happen stay unset.
v1::Fault ToFaultProto(const FaultRecord& fault);

// What a spec asks for, by hand (no campaign).
FaultRequest FromSpecProto(const v1::FaultSpec& spec);

}  // namespace grayling

#pragma once

#include "daemon/fault/faults.h"
#include "grayling/v1/fault.pb.h"

namespace grayling {

// A fault as the contract shows it. Instants that did not happen stay unset.
v1::Fault ToFaultProto(const FaultRecord& fault);

}  // namespace grayling

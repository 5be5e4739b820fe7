#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/vm/hypervisor.h"
#include "grayling/v1/vm.pb.h"

namespace grayling {

// Between a VM's definition and its public form, which is also its record in the store.
v1::VmSpec SpecToProto(const VmDefinition& definition);

// Zero vcpus, memory or an empty accelerator take the defaults of VmDefinition.
// INVALID_ARGUMENT when a port does not fit 16 bits.
absl::StatusOr<VmDefinition> DefinitionFromProto(const std::string& id, const v1::VmSpec& spec);

// "lab" -> "vms/lab".
std::string VmName(const std::string& id);

// "vms/lab" -> "lab". INVALID_ARGUMENT for a name of another shape.
absl::StatusOr<std::string> VmIdOf(const std::string& name);

}  // namespace grayling

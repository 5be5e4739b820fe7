#include "daemon/vm/vm_record.h"

#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr absl::string_view kPrefix = "vms/";
constexpr uint32_t kLastPort = std::numeric_limits<uint16_t>::max();

}  // namespace

v1::VmSpec SpecToProto(const VmDefinition& definition) {
  v1::VmSpec spec;
  spec.set_kernel_path(definition.kernel_path);
  spec.set_initrd_path(definition.initrd_path);
  spec.set_kernel_arguments(definition.kernel_arguments);
  spec.set_disk_path(definition.disk_path);
  spec.set_payload_path(definition.payload_path);
  spec.set_vcpus(definition.vcpus);
  spec.set_memory_mib(definition.memory_mib);
  spec.set_accelerator(definition.accelerator);
  spec.set_console_log_path(definition.console_log_path);
  for (const PortForward& forward : definition.forwards) {
    v1::PortForward* out = spec.add_forwards();
    out->set_guest_port(forward.guest_port);
    out->set_host_port(forward.host_port);
  }
  return spec;
}

absl::StatusOr<VmDefinition> DefinitionFromProto(const std::string& id, const v1::VmSpec& spec) {
  VmDefinition definition;
  definition.id = id;
  definition.kernel_path = spec.kernel_path();
  definition.initrd_path = spec.initrd_path();
  definition.kernel_arguments = spec.kernel_arguments();
  definition.disk_path = spec.disk_path();
  definition.payload_path = spec.payload_path();
  definition.console_log_path = spec.console_log_path();
  if (spec.vcpus() != 0) definition.vcpus = spec.vcpus();
  if (spec.memory_mib() != 0) definition.memory_mib = spec.memory_mib();
  if (!spec.accelerator().empty()) definition.accelerator = spec.accelerator();
  for (const v1::PortForward& forward : spec.forwards()) {
    if (forward.guest_port() > kLastPort || forward.host_port() > kLastPort) {
      return absl::InvalidArgumentError(absl::StrCat("forward ", forward.host_port(), ":",
                                                     forward.guest_port(),
                                                     " is out of range; ports end at ", kLastPort));
    }
    definition.forwards.push_back(
        {static_cast<uint16_t>(forward.guest_port()), static_cast<uint16_t>(forward.host_port())});
  }
  return definition;
}

std::string VmName(const std::string& id) { return absl::StrCat(kPrefix, id); }

absl::StatusOr<std::string> VmIdOf(const std::string& name) {
  if (absl::StartsWith(name, kPrefix) && name.size() > kPrefix.size() &&
      name.find('/', kPrefix.size()) == std::string::npos) {
    return name.substr(kPrefix.size());
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", name, "' is not a VM's name; use vms/<id>, for example vms/lab"));
}

}  // namespace grayling

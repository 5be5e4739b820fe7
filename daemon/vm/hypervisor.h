#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grayling {

struct PortForward {
  uint16_t guest_port = 0;
  uint16_t host_port = 0;  // on 127.0.0.1
};

// What a VM is made of. Sizes in their units' names.
struct VmDefinition {
  std::string id;  // the domain's name: letters, digits, '-', '.', '_'
  std::string kernel_path;
  std::string initrd_path;
  std::string kernel_arguments;
  std::string disk_path;     // guest's vda
  std::string payload_path;  // guest's vdb, read-only; may be empty
  uint32_t vcpus = 2;
  uint64_t memory_mib = 2048;
  std::string accelerator = "tcg";  // kvm | tcg
  std::vector<PortForward> forwards;
  std::string console_log_path;
};

enum class DomainState { kShutOff, kRunning, kPaused, kCrashed };

// The seam to the virtualisation layer. Thread-safe. Errors everywhere: NOT_FOUND for an unknown
// domain, UNAVAILABLE when the hypervisor's own daemon cannot be reached.
class Hypervisor {
 public:
  virtual ~Hypervisor() = default;

  // For people: "libvirt 9.0.0, QEMU, qemu:///system".
  virtual absl::StatusOr<std::string> Describe() = 0;

  // Defines or redefines a persistent domain. FAILED_PRECONDITION when it is running.
  virtual absl::Status Define(const VmDefinition& definition) = 0;
  virtual absl::Status Undefine(const std::string& id) = 0;
  virtual absl::StatusOr<std::vector<std::string>> List() = 0;
  virtual absl::StatusOr<DomainState> State(const std::string& id) = 0;

  // FAILED_PRECONDITION when it runs already.
  virtual absl::Status Start(const std::string& id) = 0;
  // Asks the guest to power off; returns at once.
  virtual absl::Status Shutdown(const std::string& id) = 0;
  // Pulls the plug.
  virtual absl::Status Destroy(const std::string& id) = 0;

  // Sends one guest-agent command (JSON) and returns its answer (JSON).
  // UNAVAILABLE when the agent does not answer; DEADLINE_EXCEEDED after `timeout`;
  // UNIMPLEMENTED where the backend has no agent.
  virtual absl::StatusOr<std::string> AgentCommand(const std::string& id, const std::string& json,
                                                   absl::Duration timeout) = 0;
};

}  // namespace grayling

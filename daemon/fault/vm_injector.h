#pragma once

#include <string>
#include <vector>

#include "daemon/fault/injector.h"
#include "daemon/guest/executor.h"

namespace grayling {

// The tool on the host, and what it must know.
struct VmFaultTool {
  std::string path;         // of grayling-vmfault
  std::string libvirt_uri;  // where the VMs are
  // In a tmpfs: marks outlive the daemon, but not a reboot of the host, which ends every VM.
  std::string mark_folder;
};

// Injects the faults of a VM as libvirt holds it (kinds vm.*), through grayling-vmfault on the
// host, whose processes keep the dead-man's timer and outlive the daemon. It acts on the VM's own
// domain only, never on a device that VMs share.
class VmInjector final : public Injector {
 public:
  // `host` runs programs on this machine.
  VmInjector(Executor& host, VmFaultTool tool) : host_(host), tool_(std::move(tool)) {}

  bool Handles(const std::string& kind, const std::string& backend) const override;
  bool IsKeptOnHost() const override { return true; }
  std::vector<std::string> UndoCommand(const FaultOrder& order) const override;
  absl::StatusOr<FaultEffect> Apply(const FaultOrder& order) override;
  absl::StatusOr<FaultEffect> Revert(const std::string& vm, const std::string& id) override;
  // Of this VM's domain, and damaged ones, which may be anybody's.
  absl::StatusOr<std::vector<std::string>> Marks(const std::string& vm) override;

 private:
  // `argv` with what the tool must know.
  std::vector<std::string> Complete(std::vector<std::string> argv) const;
  absl::StatusOr<ExecResult> Run(std::vector<std::string> argv);

  Executor& host_;
  const VmFaultTool tool_;
};

}  // namespace grayling

#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/fault_shape.h"
#include "daemon/guest/services.h"

namespace grayling {

// A fault ready to be applied: checked against the catalogue, its target resolved.
struct FaultOrder {
  std::string id;  // the mark in the target
  std::string kind;
  std::string vm;                            // vms/lab
  GuestService service;                      // without a name when the VM itself is the target
  std::vector<std::string> peer_addresses;   // of the option peer; empty: everybody
  std::map<std::string, double> parameters;  // complete: defaults filled in
  std::map<std::string, std::string> options;
  FaultShape shape;
  std::vector<std::string> arguments;  // kind blade only
  absl::Duration duration;
};

// What was read back after applying or reverting.
struct FaultEffect {
  absl::Time time;       // in the guest's clock; in the host's for faults that are kept on the host
  std::string readback;  // for people
};

// Applies and reverts one family of faults. Stateless and thread-safe: all state is in the target
// and in the journal.
class Injector {
 public:
  virtual ~Injector() = default;

  virtual bool Handles(const std::string& kind, const std::string& backend) const = 0;
  // Whether its faults are kept on the host: then they can be reverted though the guest is silent.
  virtual bool IsKeptOnHost() const { return false; }
  // The command that takes the fault back, known before it is applied: argv in the guest, or on the
  // host for faults that are kept there.
  virtual std::vector<std::string> UndoCommand(const FaultOrder& order) const = 0;
  // Arms the dead-man's timer in the target, applies, and reads the effect back. After any error
  // the caller reverts: only the target knows how far it came. FAILED_PRECONDITION when the target
  // refused or the read-back differs from what was asked.
  virtual absl::StatusOr<FaultEffect> Apply(const FaultOrder& order) = 0;
  // Reverts and reads the absence of residue back. Safe to repeat; a fault that has ended by itself
  // is a success. DATA_LOSS when residue was found; NOT_FOUND when the target answers that it does
  // not know the fault (never applied, or rebooted since); UNAVAILABLE when `vm` is not there.
  virtual absl::StatusOr<FaultEffect> Revert(const std::string& vm, const std::string& id) = 0;
  // Marks of ours that `vm` still carries.
  virtual absl::StatusOr<std::vector<std::string>> Marks(const std::string& vm) = 0;
};

}  // namespace grayling

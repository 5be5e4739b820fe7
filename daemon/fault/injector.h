#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/guest/executor.h"
#include "daemon/guest/services.h"

namespace grayling {

// A fault ready to be applied: checked against the catalogue, its target resolved.
struct FaultOrder {
  std::string id;  // the mark in the guest
  std::string kind;
  GuestService service;
  std::map<std::string, double> parameters;  // complete: defaults filled in
  absl::Duration duration;
};

// What was read back after applying or reverting, in the guest's clock.
struct FaultEffect {
  absl::Time guest_time;
  std::string readback;  // for people
};

// Applies and reverts one family of faults. Stateless and thread-safe: all state is in the guest
// and in the journal.
class Injector {
 public:
  virtual ~Injector() = default;

  virtual bool Handles(const std::string& kind) const = 0;
  // The guest command that takes the fault back, known before it is applied.
  virtual std::vector<std::string> UndoCommand(const FaultOrder& order) const = 0;
  // Arms the dead-man's timer in the guest, applies, and reads the effect back. After any error the
  // caller reverts: only the guest knows how far it came. FAILED_PRECONDITION when the guest
  // refused or the read-back differs from what was asked.
  virtual absl::StatusOr<FaultEffect> Apply(Executor& executor, const FaultOrder& order) = 0;
  // Reverts and reads the absence of residue back. Safe to repeat; a fault that has ended by itself
  // is a success. DATA_LOSS when residue was found; NOT_FOUND when the guest answers that it does
  // not know the fault (never applied, or rebooted since).
  virtual absl::StatusOr<FaultEffect> Revert(Executor& executor, const std::string& id) = 0;
  // Marks of ours that the guest still carries.
  virtual absl::StatusOr<std::vector<std::string>> Marks(Executor& executor) = 0;
};

}  // namespace grayling

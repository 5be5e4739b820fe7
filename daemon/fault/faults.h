#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/fault_shape.h"
#include "daemon/fault/fault_observer.h"
#include "daemon/fault/injector.h"
#include "daemon/guest/guests.h"
#include "daemon/store/fault_journal.h"
#include "daemon/store/records.h"

namespace grayling {

struct FaultRequest {
  std::string kind;
  std::string vm;
  std::string service;  // empty for kinds that act on the VM itself
  std::map<std::string, double> parameters;
  absl::Duration duration;
  std::string campaign;  // empty when by hand
  std::map<std::string, std::string> options = {};
  FaultShape shape = FaultShape();
  std::string backend = "native";
  std::vector<std::string> arguments = {};  // kind blade only
};

// The life of every fault: journal, arm, apply, verify, revert, check for residue.
// Thread-safe; two faults of one target may overlap unless they need the same resource
// of it, say its qdisc.
class Faults {
 public:
  // `observer` may be null.
  Faults(FaultJournal& journal, EventLog& events, Guests& guests,
         std::vector<std::unique_ptr<Injector>> injectors, Clock& clock,
         FaultObserver* observer = nullptr);
  ~Faults();

  // Checks, journals, applies and verifies. INVALID_ARGUMENT (unknown kind or parameter, out of
  // range, no duration), NOT_FOUND (no such service), FAILED_PRECONDITION (the guest refused, the
  // read-back differs, or another fault holds the same resource): nothing of the fault is left.
  // UNAVAILABLE or DEADLINE_EXCEEDED (guest does not answer): when the sentence says that the undo
  // is not confirmed, the fault stays in the journal and SettleExpired() goes on trying; its timer
  // in the guest ends it at the latest. DATA_LOSS: residue. At most 64 live faults:
  // RESOURCE_EXHAUSTED.
  absl::StatusOr<FaultRecord> Inject(const FaultRequest& request);
  // Reverts now and tells when it really ended; a fault that has ended already is returned as it
  // is. UNAVAILABLE when the guest does not answer (tried again by SettleExpired()); DATA_LOSS when
  // residue was found.
  absl::StatusOr<FaultRecord> Revert(const std::string& name);
  // Reverts all that may be active in `vm`, then every mark found there that the journal does not
  // know. "" = every VM that the journal or the hypervisor knows, so that an empty database is no
  // hindrance; a VM that the journal has no live fault in may be off or no lab of ours, and is then
  // passed over.
  struct RevertAllResult {
    std::vector<FaultRecord> faults;
    std::vector<std::string> unknown_marks;
  };
  absl::StatusOr<RevertAllResult> RevertAll(const std::string& vm);
  // Settles faults whose duration has passed: confirms in the guest that they are gone, and writes
  // the end. Called every second by the daemon; blocks while a guest answers slowly. A fault with
  // RESIDUE is left to Revert() and RevertAll(), so that it stays in sight.
  void SettleExpired();
  // What the journal says may still be active after a restart is reverted. Returns one sentence for
  // each, for the log. What cannot be reached yet is left to SettleExpired(); a guest that does not
  // answer is asked once. Such a fault's reason says that it was live when the daemon stopped.
  // Marks kept on the host, of VMs known to the journal, that the journal does not know are
  // reverted too.
  std::vector<std::string> Recover();

  absl::StatusOr<FaultRecord> Get(const std::string& name);
  absl::StatusOr<std::vector<FaultRecord>> List(bool active_only);
  // Guest clock minus host clock, measured now. Instants of `vm` are converted with it until it is
  // measured again: at each fault's end, and when an instant reported by the guest disproves it.
  absl::StatusOr<absl::Duration> ClockOffset(const std::string& vm);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace grayling

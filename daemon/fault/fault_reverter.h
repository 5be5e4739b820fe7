#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "daemon/fault/fault_observer.h"
#include "daemon/fault/guest_clocks.h"
#include "daemon/fault/injector.h"
#include "daemon/store/fault_journal.h"
#include "daemon/store/records.h"

namespace grayling {

// The mark that a fault carries in the guest: its name without the collection.
std::string FaultMark(const std::string& fault_name);

// Faults on the VM itself are kept on the host, whose clock is ours.
bool IsKeptOnHost(const FaultRecord& fault);

// Takes faults back and writes down how that ended. Thread-safe as long as each fault is worked on
// by one thread at a time (FaultClaims).
class FaultReverter {
 public:
  FaultReverter(FaultJournal& journal, EventLog& events,
                const std::vector<std::unique_ptr<Injector>>& injectors, GuestClocks& guest_clocks,
                Clock& clock, FaultObserver* observer)
      : journal_(journal),
        events_(events),
        injectors_(injectors),
        guest_clocks_(guest_clocks),
        clock_(clock),
        observer_(observer) {}

  // Brings `fault` to REVERTED, FAILED (it never acted) or RESIDUE, and journals that. Otherwise it
  // stays as it was with the reason noted, to be tried again: UNAVAILABLE or DEADLINE_EXCEEDED (the
  // guest is silent), ABORTED (the order to apply may still be on its way), or the guest's own
  // refusal. DATA_LOSS for RESIDUE. A fault whose instants are not exact has a reason.
  absl::Status Revert(FaultRecord& fault);

  // How the verified instant of a fault was found; needed to judge its instants at its end.
  void RememberStart(const FaultRecord& fault, const HostInstant& start);
  // The fault was live when an earlier daemon stopped: its end will say so.
  void RememberLeftOver(const FaultRecord& fault);

  // Reverts what an injection that ended in `cause` may have left, and journals FAILED when the
  // guest confirms that nothing is there. Returns what the injection's caller should be told.
  absl::Status RevertFailedInjection(FaultRecord& fault, const absl::Status& cause);

  // Null when no injector of this build knows the kind with that backend.
  Injector* InjectorOf(const std::string& kind, const std::string& backend) const;
  // The host's instant of what was read back of a fault of `kind`, between the two bounds.
  HostInstant InstantOf(const FaultRecord& fault, const FaultEffect& effect, absl::Time earliest,
                        absl::Time latest);

  // The fault was verified, and the journal knows.
  void TellVerified(const FaultRecord& fault);

  // Tells the event log; a fault's life goes on when that fails.
  void Note(const FaultRecord& fault, const std::string& what);

 private:
  struct Start {
    MeasuredOffset offset;
    std::string doubt;
  };

  absl::StatusOr<FaultEffect> RevertInGuest(const FaultRecord& fault);
  // Why the instants of a fault that has just ended are not exact; empty when they are.
  std::string DoubtAbout(const FaultRecord& fault, const HostInstant& end);
  absl::Status Finish(FaultRecord& fault, FaultState state, const std::string& reason,
                      absl::Time reverted);
  absl::Status Keep(FaultRecord& fault, const std::string& reason, const absl::Status& why);
  absl::Status FinishUnknown(FaultRecord& fault);

  FaultJournal& journal_;
  EventLog& events_;
  const std::vector<std::unique_ptr<Injector>>& injectors_;
  GuestClocks& guest_clocks_;
  Clock& clock_;
  FaultObserver* const observer_;  // may be null
  absl::Mutex mutex_;
  std::map<std::string, Start> starts_ ABSL_GUARDED_BY(mutex_);  // of live faults, by name
};

}  // namespace grayling

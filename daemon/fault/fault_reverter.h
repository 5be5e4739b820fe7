#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "daemon/fault/guest_clocks.h"
#include "daemon/fault/injector.h"
#include "daemon/guest/guests.h"
#include "daemon/store/fault_journal.h"
#include "daemon/store/records.h"

namespace grayling {

// The mark that a fault carries in the guest: its name without the collection.
std::string FaultMark(const std::string& fault_name);

// Takes faults back and writes down how that ended. Thread-safe as long as each fault is worked on
// by one thread at a time (FaultClaims).
class FaultReverter {
 public:
  FaultReverter(FaultJournal& journal, EventLog& events, Guests& guests,
                const std::vector<std::unique_ptr<Injector>>& injectors, GuestClocks& guest_clocks,
                Clock& clock)
      : journal_(journal),
        events_(events),
        guests_(guests),
        injectors_(injectors),
        guest_clocks_(guest_clocks),
        clock_(clock) {}

  // Brings `fault` to REVERTED, FAILED (it never acted) or RESIDUE, and journals that. Otherwise it
  // stays as it was with the reason noted, to be tried again: UNAVAILABLE, DEADLINE_EXCEEDED, or
  // the guest's own refusal. DATA_LOSS for RESIDUE.
  absl::Status Revert(FaultRecord& fault);

  // Reverts what an injection that ended in `cause` may have left, and journals FAILED when the
  // guest confirms that nothing is there. Returns what the injection's caller should be told.
  absl::Status RevertFailedInjection(FaultRecord& fault, const absl::Status& cause);

  // Null when no injector of this build knows the kind.
  Injector* InjectorOf(const std::string& kind) const;

  // Tells the event log; a fault's life goes on when that fails.
  void Note(const FaultRecord& fault, const std::string& what);

 private:
  absl::StatusOr<FaultEffect> RevertInGuest(const FaultRecord& fault);
  absl::Status Finish(FaultRecord& fault, FaultState state, const std::string& reason,
                      absl::Time reverted);
  absl::Status Keep(FaultRecord& fault, const std::string& reason, const absl::Status& why);
  absl::Status FinishUnknown(FaultRecord& fault);

  FaultJournal& journal_;
  EventLog& events_;
  Guests& guests_;
  const std::vector<std::unique_ptr<Injector>>& injectors_;
  GuestClocks& guest_clocks_;
  Clock& clock_;
};

}  // namespace grayling

#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/campaign/campaign_guest.h"
#include "daemon/campaign/campaign_rooms.h"
#include "daemon/campaign/live_record.h"
#include "daemon/campaign/run_control.h"

namespace grayling {

// How one try of a window came out.
struct AttemptResult {
  // As the record shows it: "done", "failed: ...", "skipped: ...", "invalid: ...".
  std::string outcome;
  absl::Status status;             // OK when done; DATA_LOSS: residue was left
  bool guest_in_doubt = false;     // it was silent or rebooted: see to it before going on
  bool is_no_fault_of_it = false;  // somebody wanted it to end: says nothing about the plan

  bool IsDone() const { return status.ok(); }
};

// Tries one window once: injects, waits for the end, reverts, and writes the label. To be used from
// the campaign's thread.
class WindowAttempt {
 public:
  WindowAttempt(const CampaignRooms& rooms, LiveRecord& record, RunControl& control,
                CampaignGuest& guest)
      : rooms_(rooms), record_(record), control_(control), guest_(guest) {}

  // [start, end) is when the fault is to act. Ends early when something is wanted of the campaign;
  // a window cut short by an abort keeps its exact label, cut short by anything else it is invalid
  // or skipped. `boot_id` is the guest's from before the window.
  AttemptResult Run(int index, absl::Time start, absl::Time end, const std::string& boot_id);

 private:
  AttemptResult RunFault(int index, absl::Time attempt, absl::Time end);
  AttemptResult RunBaseline(int index, absl::Time end);
  // The end of a window whose injection failed, or the name of the fault that may still act.
  void NoteFailedInjection(int index, absl::Time attempt);
  AttemptResult Judge(const absl::Status& end, bool to_the_end);

  const CampaignRooms& rooms_;
  LiveRecord& record_;
  RunControl& control_;
  CampaignGuest& guest_;
};

}  // namespace grayling

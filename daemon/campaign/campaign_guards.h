#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/campaign/campaign_rooms.h"
#include "daemon/campaign/guards.h"
#include "daemon/campaign/guest_watch.h"
#include "daemon/campaign/live_record.h"
#include "daemon/campaign/run_control.h"

namespace grayling {

// The guards of a running campaign: reads, judges, writes every firing into the record and the
// event log, and tells the campaign what to do. Thread-safe; Check() and AskGuest() are meant for
// two threads, for the guest's answer must not delay the second.
//
// Above the plan's rules stands one of its own: a guest that is silent for 20 s in a window whose
// fault does not act on the VM itself spoils that window.
class CampaignGuards {
 public:
  CampaignGuards(const CampaignRooms& rooms, std::vector<GuardRule> rules, const std::string& vm,
                 LiveRecord& record, RunControl& control);

  // One second's look. `disk_free_mib`: NaN when unknown.
  void Check(double disk_free_mib);
  // One question to the guest.
  void AskGuest() { guest_.Ask(); }

 private:
  GuardReadings Read(double disk_free_mib) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Act(const GuardTurn& turn) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteFiring(const GuardRule& rule, const GuardTurn& turn);
  void SpoilWindowOfSilentGuest(double silent_s);

  const CampaignRooms& rooms_;
  LiveRecord& record_;
  RunControl& control_;
  GuestWatch guest_;
  absl::Mutex mutex_;
  GuardEvaluator evaluator_ ABSL_GUARDED_BY(mutex_);
  LoadReadings load_ ABSL_GUARDED_BY(mutex_);
  std::map<size_t, int> pauses_ ABSL_GUARDED_BY(mutex_);        // by rule
  std::map<size_t, std::string> said_ ABSL_GUARDED_BY(mutex_);  // by rule, at its last firing
};

}  // namespace grayling

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/campaign/campaign_guards.h"
#include "daemon/campaign/campaign_guest.h"
#include "daemon/campaign/campaign_load.h"
#include "daemon/campaign/campaign_rooms.h"
#include "daemon/campaign/live_record.h"
#include "daemon/campaign/plan.h"
#include "daemon/campaign/run_control.h"
#include "daemon/campaign/timeline.h"
#include "daemon/campaign/window_attempt.h"
#include "grayling/v1/campaign.pb.h"

namespace grayling {

// What a campaign is run from.
struct CampaignScript {
  CampaignPlan plan;
  Timeline timeline;
  std::vector<LoadSettings> loads;  // by level, with the addresses that are to be used
  v1::Campaign record;              // stored already
  // A daemon stopped while it ran, and this one goes on with it. Else its load runs already.
  bool is_resumed = false;
};

// One execution of one plan, up to the last word of its record. Execute() is called once; all else
// is thread-safe.
//
// The schedule is absolute: a late window does not delay the following ones. It moves as a whole
// when the campaign stands still: while it is paused, while it waits for a guest that does not
// answer or whose services are not up (at most 10 minutes), and when a window is tried again.
//
// The load runs on for the first 30 s of a standstill and is then stopped: a short pause shall not
// cost a ramp-up and cold caches, a long one shall not hammer an application that nobody looks at,
// or that a guard has found broken. It starts again, and the window that is next begins after its
// ramp-up.
class CampaignRun {
 public:
  CampaignRun(CampaignRooms rooms, CampaignScript script);

  // Runs to the end, in the calling thread. Ends with the load stopped and its faults reverted;
  // those of a silent guest are left to Faults::SettleExpired().
  void Execute();

  // Asks it to end early, from whatever it is doing; the first request counts. An ending with the
  // state UNSPECIFIED leaves the record as it is, for the next daemon.
  void Stop(CampaignEnding ending) { control_.Stop(std::move(ending)); }
  // The window under way is ended and marked invalid.
  void Pause(const std::string& reason) { control_.Pause(reason, /*by_guard=*/false); }
  void Resume() { control_.Resume(/*only_guards=*/false); }

  CampaignGuards& guards() { return guards_; }
  CampaignSnapshot Snapshot() { return record_.Snapshot(); }
  CampaignSnapshot WaitForChange(uint64_t seen_version, absl::Duration timeout) {
    return record_.WaitForChange(seen_version, timeout);
  }

 private:
  CampaignEnding RunWindows();
  CampaignEnding CoolDown();
  // The ending when something below returned false.
  CampaignEnding EndingSoFar();
  int NextWindow();
  absl::Time Instant(absl::Duration planned) { return start_ + shift_ + planned; }

  // After a restart: what was under way is marked, and tried again if its rule says so.
  void TakeUpAgain();
  // Stands still until nothing keeps the campaign from going on with window `index` (-1: none).
  // False when it is to end.
  bool GetReady(int index);
  void WaitInPause(const std::string& reason);
  void WaitForGuest();
  void GoOn(int index);
  void StopLoadOfLongStandstill();
  void ShowStandstill(const std::string& reason, v1::CampaignState state);

  // Up to the instant of its fault. False when something is wanted of the campaign.
  bool Approach(int index);
  // Writes how a window came out; an ending when the campaign cannot go on.
  std::optional<CampaignEnding> Conclude(int index, const AttemptResult& result);
  std::optional<CampaignEnding> ConcludeFailure(int index, const AttemptResult& result);
  // Moves the schedule, if it must, so that the window's `before` begins no earlier.
  void MoveTo(int index, absl::Time not_before);
  void Move(absl::Duration by);
  void SetPhase(const std::string& phase);
  void Finish(CampaignEnding ending);

  const CampaignRooms rooms_;
  const CampaignScript script_;
  const std::vector<PlannedWindow>& windows_;
  const absl::Time start_;
  LiveRecord record_;
  RunControl control_;
  CampaignGuest guest_;
  CampaignGuards guards_;

  // Execute()'s thread only.
  CampaignLoad load_;
  absl::Duration shift_;
  absl::Time still_since_ = absl::InfiniteFuture();  // InfiniteFuture: it does not stand still
  bool guest_in_doubt_ = false;
  std::optional<CampaignEnding> given_up_;
  std::string boot_id_;  // of the guest, before the window
  int failures_in_a_row_ = 0;
};

}  // namespace grayling

#pragma once

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "daemon/campaign/plan.h"
#include "daemon/campaign/timeline.h"
#include "daemon/fault/faults.h"
#include "daemon/load/load_generator.h"
#include "daemon/store/records.h"
#include "grayling/v1/campaign.pb.h"

namespace grayling {

// The rooms that a campaign works with.
struct CampaignRooms {
  RecordStore& records;  // collection campaigns
  EventLog& events;
  Faults& faults;
  LoadGenerator& load;
  Clock& clock;
};

// A campaign's record at one moment. The version grows with each change.
struct CampaignSnapshot {
  v1::Campaign campaign;
  uint64_t version = 0;

  bool HasEnded() const { return campaign.state() != v1::CAMPAIGN_STATE_RUNNING; }
};

// One execution of one plan, from the running load to the last word of its record. Every change of
// the record is stored before it is shown. Execute() is called once; all else is thread-safe.
class CampaignRun {
 public:
  // `record` is stored already and its load runs already.
  CampaignRun(CampaignRooms rooms, CampaignPlan plan, Timeline timeline, v1::Campaign record);

  // Runs to the end, in the calling thread. The schedule is absolute: a late window does not delay
  // the following ones. Ends with the load stopped and its faults reverted; those of a silent guest
  // are left to Faults::SettleExpired().
  void Execute();

  // Asks it to end early; the first request counts.
  void Stop(v1::CampaignState end, const std::string& reason);

  CampaignSnapshot Snapshot();
  // Waits for a version above `seen_version`, at most `timeout`.
  CampaignSnapshot WaitForChange(uint64_t seen_version, absl::Duration timeout);

 private:
  struct Ending {
    v1::CampaignState state;
    std::string reason;
  };

  Ending RunWindows();
  Ending EndingOfStop();
  // Injects, waits for the end of the window, reverts, and writes the label.
  absl::Status RunWindow(int index);
  absl::Status EndWindow(int index, const std::string& fault);
  // The end of a window whose injection failed, or the name of the fault that may still act.
  void NoteFailedAttempt(int index, absl::Time attempt);
  // Waits for the offset and shows the phase. False when the campaign was stopped.
  bool EnterPhase(const std::string& phase, absl::Duration at);
  // Labels of windows whose end was confirmed only after they were given up, and upper bounds of
  // those whose end is not confirmed.
  void AdoptLateEnds();
  int CountDone();
  void Update(absl::FunctionRef<void(v1::Campaign&)> change);
  void Note(const std::string& text);

  const CampaignRooms rooms_;
  const CampaignPlan plan_;
  const Timeline timeline_;
  const std::string name_;
  const absl::Time start_;
  absl::Status store_status_;  // Execute()'s thread only

  absl::Notification stop_;
  absl::Mutex mutex_;
  CampaignSnapshot snapshot_ ABSL_GUARDED_BY(mutex_);
  bool stop_asked_ ABSL_GUARDED_BY(mutex_) = false;
  Ending stop_ending_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/campaign/campaign_preparation.h"
#include "daemon/campaign/campaign_run.h"
#include "grayling/v1/campaign.pb.h"

namespace grayling {

// All campaigns: the ones in the store, and at most one that runs, in a thread owned here.
// Thread-safe. The destructor leaves a running campaign to the next daemon, its fault reverted and
// its load stopped.
class Campaigns {
 public:
  Campaigns(CampaignRooms rooms, CampaignSurroundings surroundings);
  ~Campaigns();

  // Checks everything, puts the load on and returns the campaign while it runs. INVALID_ARGUMENT
  // (the plan), FAILED_PRECONDITION (a campaign, a load or a fault is live already; a scrape target
  // does not exist), UNAVAILABLE (the guest does not answer): nothing was started.
  absl::StatusOr<v1::Campaign> Start(absl::string_view plan_yaml);
  // Reverts the fault, stops the load, and returns the ended campaign. Aborting twice is allowed;
  // FAILED_PRECONDITION when it ended otherwise.
  absl::StatusOr<v1::Campaign> Abort(const std::string& name);
  // Returns when the campaign stands still, its fault reverted. Pausing a paused one is allowed;
  // FAILED_PRECONDITION when it has ended.
  absl::StatusOr<v1::Campaign> Pause(const std::string& name);
  // Ends a pause, a guard's as well. A campaign that runs is returned as it is; FAILED_PRECONDITION
  // when it has ended.
  absl::StatusOr<v1::Campaign> Resume(const std::string& name);

  absl::StatusOr<v1::Campaign> Get(const std::string& name);
  // Newest first. A record that cannot be read is logged and left out.
  absl::StatusOr<std::vector<v1::Campaign>> List();
  // What happened to a campaign and to its faults, oldest first.
  absl::StatusOr<std::vector<Event>> Events(const std::string& name);
  // The campaign when it is newer than `seen_version` (0 = never seen), or as it is after
  // `timeout`.
  absl::StatusOr<CampaignSnapshot> WaitForChange(const std::string& name, uint64_t seen_version,
                                                 absl::Duration timeout);
  // The one that runs or is paused.
  std::optional<v1::Campaign> Running();
  // The name of the campaign that runs in `vm`.
  std::optional<std::string> RunningIn(const std::string& vm);

  // Takes up again what was RUNNING or PAUSED when a daemon stopped; to be called once, after the
  // faults were recovered. One whose VM is gone, whose plan is no longer one, or that was taken up
  // 10 times within the last hour becomes FAILED with the reason. Returns one sentence for each,
  // for the log. A record that cannot be read is logged and left as it is.
  absl::StatusOr<std::vector<std::string>> TakeUpInterrupted();

  // The guards of the running campaign: to be called every second, and every 2 s (this one blocks
  // as long as the guest takes to answer).
  void CheckGuards();
  void AskGuest();

 private:
  absl::StatusOr<std::string> TakeUp(v1::Campaign record);
  // Marks a campaign that nothing can be done for.
  absl::Status Fail(v1::Campaign record, const std::string& reason);
  void Launch(CampaignScript script) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<CampaignRun> RunOf(const std::string& name);
  std::shared_ptr<CampaignRun> LiveRun();
  // Waits until the run says so or has ended.
  v1::Campaign WaitUntil(CampaignRun& run, absl::FunctionRef<bool(const v1::Campaign&)> says_so);

  const CampaignRooms rooms_;
  CampaignPreparation preparation_;
  absl::Mutex mutex_;
  bool is_starting_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<CampaignRun> run_ ABSL_GUARDED_BY(mutex_);  // the last one; it may have ended
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

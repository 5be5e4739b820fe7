#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/campaign/campaign_run.h"
#include "grayling/v1/campaign.pb.h"

namespace grayling {

// What a plan speaks of and other rooms know.
struct CampaignSurroundings {
  // The base URL on this host of a VM's forward of a guest port: http://127.0.0.1:PORT.
  std::function<absl::StatusOr<std::string>(const std::string& vm, uint16_t guest_port)>
      forward_url;
  // Ids of the scrape targets that exist, with or without "scrapeTargets/".
  std::function<absl::StatusOr<std::vector<std::string>>()> scrape_targets;
};

// All campaigns: the ones in the store, and at most one that runs, in a thread owned here.
// Thread-safe. The destructor ends a running campaign as FAILED, its fault reverted.
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

  absl::StatusOr<v1::Campaign> Get(const std::string& name);
  // Newest first.
  absl::StatusOr<std::vector<v1::Campaign>> List();
  // The campaign when it is newer than `seen_version` (0 = never seen), or as it is after
  // `timeout`.
  absl::StatusOr<CampaignSnapshot> WaitForChange(const std::string& name, uint64_t seen_version,
                                                 absl::Duration timeout);
  std::optional<v1::Campaign> Running();
  // The name of the campaign that runs in `vm`.
  std::optional<std::string> RunningIn(const std::string& vm);

  // Marks campaigns that a killed daemon left RUNNING as FAILED, and gives the window under way the
  // instants between which its fault may have acted. Called once at the start, after the faults
  // were recovered and before any other use. Returns their names. A record that cannot be read is
  // logged and left as it is.
  absl::StatusOr<std::vector<std::string>> FailInterrupted();

 private:
  struct Prepared {
    std::shared_ptr<CampaignRun> run;
    v1::Campaign record;
  };
  absl::StatusOr<Prepared> Prepare(absl::string_view plan_yaml);
  absl::StatusOr<LoadSettings> ResolveLoad(const CampaignPlan& plan);
  absl::Status CheckScrapeTargets(const CampaignPlan& plan);
  absl::Status CheckNoLiveFault(const CampaignPlan& plan);
  absl::StatusOr<std::string> FreeName(const CampaignPlan& plan);
  void FailWindows(v1::Campaign& campaign, absl::Time now);
  std::shared_ptr<CampaignRun> RunOf(const std::string& name);

  const CampaignRooms rooms_;
  const CampaignSurroundings surroundings_;
  absl::Mutex mutex_;
  bool is_starting_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<CampaignRun> run_ ABSL_GUARDED_BY(mutex_);  // the last one; it may have ended
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "grayling/v1/campaign.pb.h"

namespace grayling {

// How a campaign ends. UNSPECIFIED: it does not, the next daemon takes it up again.
struct CampaignEnding {
  v1::CampaignState state = v1::CAMPAIGN_STATE_UNSPECIFIED;
  std::string reason;
};

// What others want of a running campaign, and the campaign's way to wait until somebody wants
// something. One thread waits; everything else is thread-safe.
class RunControl {
 public:
  explicit RunControl(Clock& clock) : clock_(clock) {}

  // The first request counts.
  void Stop(CampaignEnding ending);
  // `by_guard`: the pause ends when the guard lets go. A pause by request outlasts one by a guard.
  void Pause(const std::string& reason, bool by_guard);
  // Ends any pause; with `only_guards` one by request is left.
  void Resume(bool only_guards);
  // While it is not empty, windows are not tried and one under way ends: the outcome they get.
  void SetSkip(const std::string& outcome);
  // The window under way is worth nothing any more, whatever happens now.
  void SpoilWindow(const std::string& outcome);

  bool IsStopped();
  CampaignEnding Ending();
  // Empty when it is not paused.
  std::string PauseReason();
  bool PauseIsByGuard();
  std::string Skip();
  // What SpoilWindow() said since the last call; empty mostly.
  std::string TakeSpoiled();

  // Each returns true when `deadline` came, false as soon as something of its list is wanted.
  bool SleepUntil(absl::Time deadline);          // stop, pause
  bool SleepInWindowUntil(absl::Time deadline);  // stop, pause, skip, spoiled
  bool SleepInPauseUntil(absl::Time deadline);   // stop, end of the pause
  bool SleepUnlessStopped(absl::Time deadline);  // stop

 private:
  struct Wishes {
    bool stopped = false;
    CampaignEnding ending;
    std::string pause_reason;
    bool pause_by_guard = false;
    std::string skip;
    std::string spoiled;
  };

  bool Sleep(absl::Time deadline, absl::FunctionRef<bool(const Wishes&)> is_wanted);
  void Wake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  absl::Mutex mutex_;
  Wishes wishes_ ABSL_GUARDED_BY(mutex_);
  // Of the sleep under way; a notification serves once.
  std::shared_ptr<absl::Notification> wake_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

#pragma once

#include <thread>

#include "absl/functional/function_ref.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "daemon/campaign/campaigns.h"
#include "daemon/campaign/fault_series.h"

namespace grayling {

// Looks at the running campaign: every second at its guards and at the faults' series, in a thread
// that waits for nobody; every 2 s at its guest, in a thread of its own. All must outlive it.
class CampaignWatch {
 public:
  CampaignWatch(Campaigns& campaigns, FaultSeries& series, Clock& clock);
  // Ends after the looks under way.
  ~CampaignWatch();

 private:
  void Every(absl::Duration period, absl::FunctionRef<void()> look);

  Campaigns& campaigns_;
  FaultSeries& series_;
  Clock& clock_;
  absl::Notification stop_;
  std::thread seconds_;
  std::thread guest_;
};

}  // namespace grayling

#include "daemon/campaign_watch.h"

#include <algorithm>

namespace grayling {

CampaignWatch::CampaignWatch(Campaigns& campaigns, FaultSeries& series, Clock& clock)
    : campaigns_(campaigns),
      series_(series),
      clock_(clock),
      seconds_([this] {
        Every(absl::Seconds(1), [this] {
          campaigns_.CheckGuards();
          series_.Record();
        });
      }),
      guest_([this] { Every(absl::Seconds(2), [this] { campaigns_.AskGuest(); }); }) {}

CampaignWatch::~CampaignWatch() {
  stop_.Notify();
  seconds_.join();
  guest_.join();
}

void CampaignWatch::Every(absl::Duration period, absl::FunctionRef<void()> look) {
  absl::Time next = clock_.Now();
  while (clock_.SleepUntil(next, stop_)) {
    look();
    const absl::Time now = clock_.Now();
    // A wall clock that was set back must not make the next look wait for the old time.
    next = std::clamp(next + period, now, now + period);
  }
}

}  // namespace grayling

// How a campaign stands still and goes on: pauses, silent guests, restarts of the daemon.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "daemon/campaign/campaign_record.h"
#include "daemon/campaign/campaign_run.h"

namespace grayling {
namespace {

constexpr absl::Duration kLoadOutlivesStandstill = absl::Seconds(30);
constexpr absl::Duration kGuestMayStayAway = absl::Minutes(10);
constexpr absl::Duration kAskGuestEvery = absl::Seconds(2);

v1::CampaignPause* OpenPause(v1::Campaign& campaign) {
  if (campaign.pauses_size() == 0) return nullptr;
  v1::CampaignPause* last = campaign.mutable_pauses(campaign.pauses_size() - 1);
  return last->has_end_time() ? nullptr : last;
}

}  // namespace

void CampaignRun::ShowStandstill(const std::string& reason, v1::CampaignState state) {
  const absl::Time now = rooms_.clock.Now();
  if (still_since_ == absl::InfiniteFuture()) still_since_ = now;
  record_.Note(
      absl::StrCat(state == v1::CAMPAIGN_STATE_PAUSED ? "PAUSED, " : "stands still, ", reason));
  record_.Update([&](v1::Campaign& campaign) {
    v1::CampaignPause* pause = OpenPause(campaign);
    if (pause == nullptr) {
      pause = campaign.add_pauses();
      ToProto(now, pause->mutable_start_time());
      pause->set_reason(reason);
    }
    pause->set_ends_by_itself(state != v1::CAMPAIGN_STATE_PAUSED || control_.PauseIsByGuard());
    campaign.set_state(state);
    campaign.set_reason(reason);
  });
}

void CampaignRun::StopLoadOfLongStandstill() {
  if (!load_.IsOn() || rooms_.clock.Now() < still_since_ + kLoadOutlivesStandstill) return;
  const absl::Status stopped = load_.Stop();
  record_.Note(stopped.ok() ? "the load is stopped until it goes on"
                            : absl::StrCat("the load did not stop: ", stopped.message()));
}

void CampaignRun::WaitInPause(const std::string& reason) {
  ShowStandstill(reason, v1::CAMPAIGN_STATE_PAUSED);
  if (load_.IsOn() && !control_.SleepInPauseUntil(still_since_ + kLoadOutlivesStandstill)) return;
  StopLoadOfLongStandstill();
  control_.SleepInPauseUntil(absl::InfiniteFuture());
}

void CampaignRun::WaitForGuest() {
  const absl::Time limit = rooms_.clock.Now() + kGuestMayStayAway;
  std::string said;
  while (true) {
    const absl::StatusOr<absl::Duration> offset = guest_.IsReady();
    if (control_.IsStopped()) return;
    if (offset.ok()) {
      guest_in_doubt_ = false;
      record_.Update([&](v1::Campaign& campaign) {
        ToProto(*offset, campaign.mutable_clock_offset());
        // No fault is live in it, so what has no end yet has ended.
        AdoptLateEnds(campaign, rooms_.faults, rooms_.clock.Now());
      });
      return;
    }
    const std::string why(offset.status().message());
    if (absl::IsNotFound(offset.status()) || rooms_.clock.Now() >= limit) {
      given_up_ = {v1::CAMPAIGN_STATE_FAILED,
                   absl::IsNotFound(offset.status())
                       ? absl::StrCat("its VM is gone: ", why)
                       : absl::StrCat("the guest was not back within ",
                                      absl::FormatDuration(kGuestMayStayAway), ": ", why)};
      return;
    }
    if (why != said)
      ShowStandstill(absl::StrCat("waits for the guest: ", why), v1::CAMPAIGN_STATE_RUNNING);
    said = why;
    StopLoadOfLongStandstill();
    // A pause is shown as one; the guest is asked again after it.
    if (!control_.SleepUntil(rooms_.clock.Now() + kAskGuestEvery)) return;
  }
}

bool CampaignRun::GetReady(int index) {
  while (true) {
    if (given_up_.has_value() || control_.IsStopped()) return false;
    if (const std::string reason = control_.PauseReason(); !reason.empty()) {
      WaitInPause(reason);
    } else if (guest_in_doubt_) {
      WaitForGuest();
    } else {
      break;
    }
  }
  if (still_since_ != absl::InfiniteFuture()) GoOn(index);
  return !given_up_.has_value() && !control_.IsStopped();
}

void CampaignRun::GoOn(int index) {
  const size_t level = index < 0 ? load_.level() : windows_[index].load;
  absl::Duration ramp_up = absl::ZeroDuration();
  if (!load_.IsOn()) {
    ramp_up = load_.RampUp(level);
    if (const absl::Status started = load_.Run(level); !started.ok()) {
      given_up_ = {v1::CAMPAIGN_STATE_FAILED,
                   absl::StrCat("the load could not be started again: ", started.message())};
      return;
    }
  }
  const absl::Time goes_on = rooms_.clock.Now() + ramp_up;
  Move(goes_on - still_since_);
  const bool warms_up = index == 0 && record_.Snapshot().campaign.windows(0).attempts() == 0;
  if (index >= 0) {
    // Nothing was measured yet: a warm-up that was broken off is made good.
    MoveTo(index, script_.is_resumed && warms_up
                      ? std::max(goes_on, rooms_.clock.Now() + script_.plan.phases.warmup)
                      : goes_on);
  }
  still_since_ = absl::InfiniteFuture();
  record_.Update([&](v1::Campaign& campaign) {
    if (v1::CampaignPause* pause = OpenPause(campaign); pause != nullptr) {
      ToProto(goes_on, pause->mutable_end_time());
    }
    campaign.set_state(v1::CAMPAIGN_STATE_RUNNING);
    campaign.clear_reason();
    if (warms_up) campaign.set_phase("warmup");
  });
  record_.Note(absl::StrCat("goes on, ",
                            absl::FormatDuration(absl::Trunc(shift_, absl::Seconds(1))),
                            " behind its plan"));
}

void CampaignRun::TakeUpAgain() {
  const absl::Time now = rooms_.clock.Now();
  guest_in_doubt_ = true;
  bool was_paused = false;
  record_.Update([&](v1::Campaign& campaign) {
    campaign.set_restarts(campaign.restarts() + 1);
    SpoilWindowsUnderWay(campaign);
    for (v1::FaultWindow& window : *campaign.mutable_windows()) {
      const bool is_of_restart = window.outcome() == absl::StrCat("invalid: ", kDaemonStopped);
      if (is_of_restart && script_.plan.on_failure.has_value() &&
          window.attempts() <= script_.plan.on_failure->retries) {
        PutAttemptAside(window);
      }
    }
    was_paused = IsPausedByRequest(campaign);
    v1::CampaignPause* pause = OpenPause(campaign);
    if (pause == nullptr) return;
    if (was_paused) {
      still_since_ = FromProto(pause->start_time());
    } else {
      ToProto(now, pause->mutable_end_time());
    }
  });
  record_.Note(absl::StrCat("taken up again: ", kDaemonStopped));
  if (!was_paused) ShowStandstill(kDaemonStopped, v1::CAMPAIGN_STATE_RUNNING);
}

}  // namespace grayling

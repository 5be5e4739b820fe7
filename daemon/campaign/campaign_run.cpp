#include "daemon/campaign/campaign_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "daemon/campaign/campaign_record.h"

namespace grayling {
namespace {

constexpr int kMostFailuresInARow = 3;

bool MayBeTriedAgain(const v1::FaultWindow& window, int retries) {
  const bool is_broken = absl::StartsWith(window.outcome(), "failed: ") ||
                         absl::StartsWith(window.outcome(), "invalid: ");
  return is_broken && window.attempts() <= retries;
}

int RetriesOf(const CampaignPlan& plan) {
  return plan.on_failure.has_value() ? plan.on_failure->retries : 0;
}

}  // namespace

CampaignRun::CampaignRun(CampaignRooms rooms, CampaignScript script)
    : rooms_(rooms),
      script_(std::move(script)),
      windows_(script_.timeline.windows),
      start_(FromProto(script_.record.start_time())),
      record_(rooms_.records, rooms_.events, rooms_.clock, script_.record),
      control_(rooms_.clock),
      guest_(rooms_.guests, rooms_.faults, script_.plan.vm, ServicesOf(script_.record),
             [this] { return control_.IsStopped(); }),
      guards_(rooms_, script_.plan.guards, script_.plan.vm, record_, control_),
      load_(rooms_.load, script_.loads, !script_.is_resumed,
            windows_.empty() ? 0 : windows_.front().load),
      shift_(FromProto(script_.record.paused())) {
  // Before anybody can ask to resume it.
  if (script_.is_resumed && IsPausedByRequest(script_.record)) Pause(script_.record.reason());
}

void CampaignRun::SetPhase(const std::string& phase) {
  record_.Update([&](v1::Campaign& campaign) { campaign.set_phase(phase); });
}

void CampaignRun::Move(absl::Duration by) {
  shift_ += by;
  record_.Update([&](v1::Campaign& campaign) { ToProto(shift_, campaign.mutable_paused()); });
}

void CampaignRun::MoveTo(int index, absl::Time not_before) {
  const absl::Duration missing = not_before - Instant(windows_[index].before);
  if (missing > absl::ZeroDuration()) Move(missing);
}

int CampaignRun::NextWindow() {
  const CampaignSnapshot snapshot = record_.Snapshot();
  const auto& windows = snapshot.campaign.windows();
  const auto is_planned = [](const v1::FaultWindow& w) { return w.outcome() == "planned"; };
  return static_cast<int>(std::find_if(windows.begin(), windows.end(), is_planned) -
                          windows.begin());
}

CampaignEnding CampaignRun::EndingSoFar() {
  return given_up_.has_value() ? *given_up_ : control_.Ending();
}

bool CampaignRun::Approach(int index) {
  const PlannedWindow& window = windows_[index];
  if (load_.level() != window.load) {
    absl::Duration change = window.before;
    for (const LoadChange& known : script_.timeline.load_changes) {
      if (known.at <= window.before) change = known.at;
    }
    if (!control_.SleepUntil(Instant(change))) return false;
    const absl::Status changed = load_.Run(window.load);
    if (!changed.ok()) {
      given_up_ = {v1::CAMPAIGN_STATE_FAILED,
                   absl::StrCat("the load could not be changed: ", changed.message())};
      return false;
    }
  }
  if (!control_.SleepUntil(Instant(window.before))) return false;
  SetPhase("before");
  boot_id_ = guest_.BootId();
  return control_.SleepUntil(Instant(window.start));
}

std::optional<CampaignEnding> CampaignRun::ConcludeFailure(int index, const AttemptResult& result) {
  const v1::FaultWindow window = record_.Snapshot().campaign.windows(index);
  if (MayBeTriedAgain(window, RetriesOf(script_.plan))) {
    record_.Update(
        [&](v1::Campaign& campaign) { PutAttemptAside(*campaign.mutable_windows(index)); });
    MoveTo(index, rooms_.clock.Now() + script_.plan.phases.after);
    record_.Note(absl::StrCat("window ", index, " will be tried again, after ", window.attempts(),
                              " of ", 1 + RetriesOf(script_.plan), " tries"));
    return std::nullopt;
  }
  if (result.is_no_fault_of_it) return std::nullopt;
  const bool aborts =
      script_.plan.on_failure.has_value() && script_.plan.on_failure->then == AfterRetries::kAbort;
  if (aborts) {
    return CampaignEnding{v1::CAMPAIGN_STATE_FAILED,
                          absl::StrCat("window ", index, " failed, after ", window.attempts(),
                                       " tries: ", result.status.message())};
  }
  if (++failures_in_a_row_ < kMostFailuresInARow) return std::nullopt;
  return CampaignEnding{
      v1::CAMPAIGN_STATE_FAILED,
      absl::StrCat(kMostFailuresInARow,
                   " windows in a row failed, the last one: ", result.status.message())};
}

std::optional<CampaignEnding> CampaignRun::Conclude(int index, const AttemptResult& result) {
  record_.Update([&](v1::Campaign& campaign) {
    campaign.set_phase("after");
    campaign.mutable_windows(index)->set_outcome(result.outcome);
  });
  record_.Note(absl::StrCat("window ", index, " (", windows_[index].kind, " on ",
                            windows_[index].service, ") ", result.outcome));
  guest_in_doubt_ = guest_in_doubt_ || result.guest_in_doubt;
  if (control_.IsStopped()) return control_.Ending();
  if (absl::IsDataLoss(result.status)) {
    return CampaignEnding{
        v1::CAMPAIGN_STATE_FAILED,
        absl::StrCat("window ", index, " left residue in the guest: ", result.status.message())};
  }
  std::optional<CampaignEnding> ending;
  if (result.IsDone()) {
    failures_in_a_row_ = 0;
  } else {
    ending = ConcludeFailure(index, result);
  }
  if (ending.has_value()) return ending;
  if (load_.HasDied()) {
    return CampaignEnding{v1::CAMPAIGN_STATE_FAILED,
                          absl::StrCat("the load had stopped at the end of window ", index)};
  }
  const absl::Status stored = record_.StoreStatus();
  if (stored.ok()) return std::nullopt;
  return CampaignEnding{v1::CAMPAIGN_STATE_FAILED,
                        absl::StrCat("its record could not be stored: ", stored.message())};
}

CampaignEnding CampaignRun::RunWindows() {
  if (script_.is_resumed) TakeUpAgain();
  for (int i = NextWindow(); i < static_cast<int>(windows_.size()); i = NextWindow()) {
    if (!GetReady(i)) return EndingSoFar();
    if (!Approach(i)) {
      if (given_up_.has_value()) return *given_up_;
      continue;
    }
    AttemptResult result;
    if (const std::string skip = control_.Skip(); !skip.empty()) {
      result = {skip, absl::CancelledError(skip)};
      result.is_no_fault_of_it = true;
    } else {
      WindowAttempt attempt(rooms_, record_, control_, guest_);
      result = attempt.Run(i, Instant(windows_[i].start), Instant(windows_[i].end), boot_id_);
    }
    const std::optional<CampaignEnding> ending = Conclude(i, result);
    if (ending.has_value()) return *ending;
  }
  return CoolDown();
}

CampaignEnding CampaignRun::CoolDown() {
  while (true) {
    guest_in_doubt_ = false;  // nothing is wanted of the guest any more
    if (!GetReady(-1)) return EndingSoFar();
    if (!control_.SleepUntil(Instant(windows_.back().after))) continue;
    SetPhase("cooldown");
    if (!control_.SleepUntil(Instant(script_.timeline.duration))) continue;
    return {v1::CAMPAIGN_STATE_COMPLETED, ""};
  }
}

void CampaignRun::Finish(CampaignEnding ending) {
  const absl::Time now = rooms_.clock.Now();
  record_.Update([&](v1::Campaign& campaign) { AdoptLateEnds(campaign, rooms_.faults, now); });
  const CampaignSnapshot snapshot = record_.Snapshot();
  int done = 0;
  for (const v1::FaultWindow& window : snapshot.campaign.windows()) {
    done += window.outcome() == "done" ? 1 : 0;
  }
  const int all = snapshot.campaign.windows_size();
  if (ending.state == v1::CAMPAIGN_STATE_COMPLETED && done < all) {
    if (done == 0) ending.state = v1::CAMPAIGN_STATE_FAILED;
    ending.reason = absl::StrCat(all - done, " of ", all, " windows gave no label");
  }
  record_.Note(absl::StrCat(CampaignStateWord(ending.state), ending.reason.empty() ? "" : ", ",
                            ending.reason));
  record_.Update([&](v1::Campaign& campaign) {
    campaign.set_state(ending.state);
    campaign.set_reason(ending.reason);
    campaign.clear_phase();
    ToProto(now, campaign.mutable_end_time());
    if (campaign.pauses_size() == 0) return;
    v1::CampaignPause& last = *campaign.mutable_pauses(campaign.pauses_size() - 1);
    if (!last.has_end_time()) ToProto(now, last.mutable_end_time());
  });
}

void CampaignRun::Execute() {
  if (!script_.is_resumed) {
    record_.Note(absl::StrCat("started with ", windows_.size(), " windows over ",
                              absl::FormatDuration(script_.timeline.duration)));
  }
  CampaignEnding ending = RunWindows();
  const absl::Status load_stopped = load_.Stop();
  if (!load_stopped.ok()) {
    record_.Note(absl::StrCat("the load did not stop: ", load_stopped.message()));
  }
  if (ending.state == v1::CAMPAIGN_STATE_UNSPECIFIED) {
    record_.Note("the daemon stops; the next one takes it up again");
    return;
  }
  Finish(std::move(ending));
}

}  // namespace grayling

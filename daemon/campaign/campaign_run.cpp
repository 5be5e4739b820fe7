#include "daemon/campaign/campaign_run.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "daemon/campaign/campaign_record.h"

namespace grayling {
namespace {

constexpr int kMostFailuresInARow = 3;

// Only a fault that ended in the regular way, at an instant the guest told, gives a label.
absl::Status CheckEnd(const FaultRecord& fault) {
  if (fault.verified == absl::InfinitePast()) {
    return absl::FailedPreconditionError("it was never verified");
  }
  if (fault.state != FaultState::kReverted || !fault.reason.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(FaultStateName(fault.state), fault.reason.empty() ? "" : ", ", fault.reason));
  }
  if (fault.reverted <= fault.verified) {
    return absl::FailedPreconditionError("it ended at the moment when it was verified");
  }
  return absl::OkStatus();
}

void SetOutcome(v1::FaultWindow& window, const absl::Status& outcome) {
  window.set_outcome(outcome.ok() ? "done" : absl::StrCat("failed: ", outcome.message()));
}

}  // namespace

CampaignRun::CampaignRun(CampaignRooms rooms, CampaignPlan plan, Timeline timeline,
                         v1::Campaign record)
    : rooms_(rooms),
      plan_(std::move(plan)),
      timeline_(std::move(timeline)),
      name_(record.name()),
      start_(FromProto(record.start_time())),
      snapshot_{std::move(record), 1} {}

void CampaignRun::Note(const std::string& text) {
  rooms_.events.Append({rooms_.clock.Now(), name_, text}).IgnoreError();
}

void CampaignRun::Update(absl::FunctionRef<void(v1::Campaign&)> change) {
  CampaignSnapshot next = Snapshot();  // only this thread changes it
  change(next.campaign);
  ++next.version;
  store_status_.Update(
      rooms_.records.Put(name_, next.campaign.SerializeAsString(), rooms_.clock.Now()));
  absl::MutexLock lock(&mutex_);
  snapshot_ = std::move(next);
}

CampaignSnapshot CampaignRun::Snapshot() {
  absl::MutexLock lock(&mutex_);
  return snapshot_;
}

CampaignSnapshot CampaignRun::WaitForChange(uint64_t seen_version, absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const auto has_changed = [this, seen_version]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return snapshot_.version > seen_version;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&has_changed), timeout);
  return snapshot_;
}

void CampaignRun::Stop(v1::CampaignState end, const std::string& reason) {
  absl::MutexLock lock(&mutex_);
  if (stop_asked_) return;
  stop_asked_ = true;
  stop_ending_ = {end, reason};
  stop_.Notify();
}

CampaignRun::Ending CampaignRun::EndingOfStop() {
  absl::MutexLock lock(&mutex_);
  return stop_ending_;
}

bool CampaignRun::EnterPhase(const std::string& phase, absl::Duration at) {
  if (!rooms_.clock.SleepUntil(start_ + at, stop_)) return false;
  Update([&](v1::Campaign& campaign) { campaign.set_phase(phase); });
  return true;
}

absl::Status CampaignRun::RunWindow(int index) {
  const PlannedWindow& window = timeline_.windows[index];
  const absl::Duration lateness = rooms_.clock.Now() - (start_ + window.start);
  if (lateness >= window.end - window.start) {
    return absl::DeadlineExceededError(
        absl::StrCat("skipped, its time had passed ", absl::FormatDuration(lateness), " late"));
  }
  const absl::Time attempt = rooms_.clock.Now();
  // Before the fault: whatever becomes of the daemon, the record tells since when it may act.
  Update([&](v1::Campaign& campaign) {
    v1::FaultWindow& proto = *campaign.mutable_windows(index);
    ToProto(lateness, proto.mutable_lateness());
    ToProto(attempt, proto.mutable_start_time());
  });
  const absl::StatusOr<FaultRecord> fault = rooms_.faults.Inject(RequestOf(plan_, window, name_));
  if (!fault.ok()) {
    NoteFailedAttempt(index, attempt);
    return fault.status();
  }
  Update([&](v1::Campaign& campaign) {
    v1::FaultWindow& proto = *campaign.mutable_windows(index);
    campaign.set_phase("during");
    proto.set_outcome("active");
    proto.set_fault(fault->name);
    ToProto(fault->verified, proto.mutable_start_time());
  });
  // When stopped meanwhile, the window is cut short; its label is exact all the same.
  rooms_.clock.SleepUntil(start_ + window.end, stop_);
  return EndWindow(index, fault->name);
}

void CampaignRun::NoteFailedAttempt(int index, absl::Time attempt) {
  const absl::StatusOr<std::vector<FaultRecord>> live = rooms_.faults.List(true);
  const auto is_left_over = [&](const FaultRecord& fault) {
    return fault.campaign == name_ && fault.created >= attempt;
  };
  if (!live.ok()) return;  // then it ends with the campaign at the latest
  const auto left_over = std::find_if(live->begin(), live->end(), is_left_over);
  Update([&](v1::Campaign& campaign) {
    v1::FaultWindow& window = *campaign.mutable_windows(index);
    if (left_over != live->end()) {
      window.set_fault(left_over->name);
    } else {
      ToProto(rooms_.clock.Now(), window.mutable_end_time());
    }
  });
}

absl::Status CampaignRun::EndWindow(int index, const std::string& fault_name) {
  GRAYLING_ASSIGN_OR_RETURN(const FaultRecord fault, rooms_.faults.Revert(fault_name));
  Update([&](v1::Campaign& campaign) {
    ToProto(fault.reverted, campaign.mutable_windows(index)->mutable_end_time());
  });
  return CheckEnd(fault);
}

CampaignRun::Ending CampaignRun::RunWindows() {
  int failures_in_a_row = 0;
  for (size_t i = 0; i < timeline_.windows.size(); ++i) {
    const PlannedWindow& window = timeline_.windows[i];
    if (!EnterPhase("before", window.before)) return EndingOfStop();
    if (!rooms_.clock.SleepUntil(start_ + window.start, stop_)) return EndingOfStop();
    const absl::Status outcome = RunWindow(static_cast<int>(i));
    Update([&](v1::Campaign& campaign) {
      campaign.set_phase("after");
      SetOutcome(*campaign.mutable_windows(static_cast<int>(i)), outcome);
    });
    Note(absl::StrCat("window ", i, " (", window.kind, " on ", window.service, ") ",
                      outcome.ok() ? "done" : outcome.message()));
    failures_in_a_row = outcome.ok() ? 0 : failures_in_a_row + 1;
    if (stop_.HasBeenNotified()) return EndingOfStop();
    if (absl::IsDataLoss(outcome)) {
      return {v1::CAMPAIGN_STATE_FAILED,
              absl::StrCat("window ", i, " left residue in the guest: ", outcome.message())};
    }
    if (failures_in_a_row == kMostFailuresInARow) {
      return {v1::CAMPAIGN_STATE_FAILED,
              absl::StrCat(kMostFailuresInARow,
                           " windows in a row failed, the last one: ", outcome.message())};
    }
    if (!rooms_.load.Statistics().running) {
      return {v1::CAMPAIGN_STATE_FAILED,
              absl::StrCat("the load had stopped at the end of window ", i)};
    }
    if (!store_status_.ok()) {
      return {v1::CAMPAIGN_STATE_FAILED,
              absl::StrCat("its record could not be stored: ", store_status_.message())};
    }
  }
  if (!EnterPhase("cooldown", timeline_.windows.back().after)) return EndingOfStop();
  if (!rooms_.clock.SleepUntil(start_ + timeline_.duration, stop_)) return EndingOfStop();
  return {v1::CAMPAIGN_STATE_COMPLETED, ""};
}

void CampaignRun::AdoptLateEnds() {
  const absl::Time now = rooms_.clock.Now();
  Update([&](v1::Campaign& campaign) {
    for (v1::FaultWindow& window : *campaign.mutable_windows()) {
      if (!window.has_start_time() || window.has_end_time()) continue;
      const absl::StatusOr<FaultRecord> fault = rooms_.faults.Get(window.fault());
      ToProto(fault.ok() ? LatestEnd(*fault, now) : now, window.mutable_end_time());
      if (fault.ok() && CheckEnd(*fault).ok()) SetOutcome(window, absl::OkStatus());
    }
  });
}

int CampaignRun::CountDone() {
  const CampaignSnapshot snapshot = Snapshot();
  int done = 0;
  for (const v1::FaultWindow& window : snapshot.campaign.windows()) {
    done += window.outcome() == "done" ? 1 : 0;
  }
  return done;
}

void CampaignRun::Execute() {
  Note(absl::StrCat("started with ", timeline_.windows.size(), " windows over ",
                    absl::FormatDuration(timeline_.duration)));
  Ending ending = RunWindows();
  const absl::Status load_stopped = rooms_.load.Stop();
  if (!load_stopped.ok()) Note(absl::StrCat("the load did not stop: ", load_stopped.message()));
  AdoptLateEnds();

  const int done = CountDone();
  const int all = static_cast<int>(timeline_.windows.size());
  if (ending.state == v1::CAMPAIGN_STATE_COMPLETED && done < all) {
    if (done == 0) ending.state = v1::CAMPAIGN_STATE_FAILED;
    ending.reason = absl::StrCat(all - done, " of ", all, " windows failed");
  }
  Note(absl::StrCat(CampaignStateWord(ending.state), ending.reason.empty() ? "" : ", ",
                    ending.reason));
  Update([&](v1::Campaign& campaign) {
    campaign.set_state(ending.state);
    campaign.set_reason(ending.reason);
    campaign.clear_phase();
    ToProto(rooms_.clock.Now(), campaign.mutable_end_time());
  });
}

}  // namespace grayling

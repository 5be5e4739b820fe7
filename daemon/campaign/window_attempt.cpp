#include "daemon/campaign/window_attempt.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "daemon/campaign/campaign_record.h"
#include "daemon/campaign/plan.h"

namespace grayling {
namespace {

bool IsSilence(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

AttemptResult Failed(const absl::Status& status) {
  return {absl::StrCat("failed: ", status.message()), status, IsSilence(status)};
}

AttemptResult EndedEarly(const std::string& outcome) {
  AttemptResult result{outcome, absl::CancelledError(outcome)};
  result.is_no_fault_of_it = true;
  return result;
}

}  // namespace

AttemptResult WindowAttempt::Run(int index, absl::Time start, absl::Time end,
                                 const std::string& boot_id) {
  const absl::Time attempt = rooms_.clock.Now();
  const absl::Duration lateness = attempt - start;
  if (lateness >= end - start) {
    const std::string why =
        absl::StrCat("its time had passed, ", absl::FormatDuration(lateness), " late");
    return {absl::StrCat("skipped: ", why), absl::FailedPreconditionError(why)};
  }
  control_.TakeSpoiled();
  // Before the fault: whatever becomes of the daemon, the record tells since when it may act.
  record_.Update([&](v1::Campaign& campaign) {
    v1::FaultWindow& window = *campaign.mutable_windows(index);
    ToProto(lateness, window.mutable_lateness());
    ToProto(attempt, window.mutable_start_time());
    window.set_attempts(window.attempts() + 1);
  });
  const bool is_baseline =
      record_.Snapshot().campaign.windows(index).spec().kind() == kBaselineKind;
  AttemptResult result = is_baseline ? RunBaseline(index, end) : RunFault(index, attempt, end);
  if (control_.IsStopped()) return result;
  const std::string boot_id_now = guest_.BootId();
  if (!boot_id.empty() && !boot_id_now.empty() && boot_id_now != boot_id) {
    result.guest_in_doubt = true;
    if (!absl::IsDataLoss(result.status)) {
      result.outcome = "invalid: the guest rebooted during it";
      result.status = absl::AbortedError("the guest rebooted during it");
      result.is_no_fault_of_it = false;
    }
  }
  return result;
}

AttemptResult WindowAttempt::RunBaseline(int index, absl::Time end) {
  record_.Update([&](v1::Campaign& campaign) {
    campaign.set_phase("during");
    campaign.mutable_windows(index)->set_outcome("active");
  });
  const bool to_the_end = control_.SleepInWindowUntil(end);
  record_.Update([&](v1::Campaign& campaign) {
    ToProto(rooms_.clock.Now(), campaign.mutable_windows(index)->mutable_end_time());
  });
  return Judge(absl::OkStatus(), to_the_end);
}

AttemptResult WindowAttempt::RunFault(int index, absl::Time attempt, absl::Time end) {
  const v1::FaultWindow planned = record_.Snapshot().campaign.windows(index);
  const absl::StatusOr<FaultRecord> fault =
      rooms_.faults.Inject(RequestOf(planned, record_.name()));
  if (!fault.ok()) {
    NoteFailedInjection(index, attempt);
    return Failed(fault.status());
  }
  record_.Update([&](v1::Campaign& campaign) {
    v1::FaultWindow& window = *campaign.mutable_windows(index);
    campaign.set_phase("during");
    window.set_outcome("active");
    window.set_fault(fault->name);
    ToProto(fault->verified, window.mutable_start_time());
  });
  record_.Note(absl::StrCat("window ", index, " began: ", planned.spec().kind(), " on ",
                            planned.spec().service()));
  const bool to_the_end = control_.SleepInWindowUntil(end);
  const absl::StatusOr<FaultRecord> ended = rooms_.faults.Revert(fault->name);
  if (!ended.ok()) return Judge(ended.status(), to_the_end);
  record_.Update([&](v1::Campaign& campaign) {
    ToProto(ended->reverted, campaign.mutable_windows(index)->mutable_end_time());
  });
  return Judge(CheckEnd(*ended), to_the_end);
}

AttemptResult WindowAttempt::Judge(const absl::Status& end, bool to_the_end) {
  if (absl::IsDataLoss(end)) return Failed(end);
  AttemptResult result;
  const std::string spoiled = control_.TakeSpoiled();
  const CampaignEnding ending = control_.Ending();
  if (to_the_end || (control_.IsStopped() && ending.state != v1::CAMPAIGN_STATE_UNSPECIFIED)) {
    result = end.ok() ? AttemptResult{"done", absl::OkStatus()} : Failed(end);
  } else if (control_.IsStopped()) {
    result = EndedEarly(absl::StrCat("invalid: ", kDaemonStopped));
  } else if (!spoiled.empty()) {
    result = {spoiled, absl::AbortedError(spoiled), true};
  } else if (const std::string pause = control_.PauseReason(); !pause.empty()) {
    result = EndedEarly(absl::StrCat("invalid: ", pause));
  } else if (const std::string skip = control_.Skip(); !skip.empty()) {
    result = EndedEarly(skip);
  } else {
    // Paused and resumed, or skipped and let go, before this was asked.
    result = EndedEarly("invalid: it was cut short");
  }
  result.guest_in_doubt = result.guest_in_doubt || IsSilence(end);
  return result;
}

void WindowAttempt::NoteFailedInjection(int index, absl::Time attempt) {
  const absl::StatusOr<std::vector<FaultRecord>> live = rooms_.faults.List(true);
  const auto is_left_over = [&](const FaultRecord& fault) {
    return fault.campaign == record_.name() && fault.created >= attempt;
  };
  if (!live.ok()) return;  // then it ends with the campaign at the latest
  const auto left_over = std::find_if(live->begin(), live->end(), is_left_over);
  record_.Update([&](v1::Campaign& campaign) {
    v1::FaultWindow& window = *campaign.mutable_windows(index);
    if (left_over != live->end()) {
      window.set_fault(left_over->name);
    } else {
      ToProto(rooms_.clock.Now(), window.mutable_end_time());
    }
  });
}

}  // namespace grayling

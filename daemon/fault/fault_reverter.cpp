#include "daemon/fault/fault_reverter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/fault_kinds.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

// Longer than a guest call may take: after this an order to apply cannot still be on its way.
constexpr absl::Duration kOrderMayBeUnderway = absl::Seconds(30);

bool WasVerified(const FaultRecord& fault) { return fault.verified != absl::InfinitePast(); }

}  // namespace

bool IsKeptOnHost(const FaultRecord& fault) {
  const FaultKind* kind = FindFaultKindOrNull(fault.kind);
  return kind != nullptr && kind->target == FaultTarget::kMachine;
}

namespace {

const char* PlaceOf(const FaultRecord& fault) { return IsKeptOnHost(fault) ? "host" : "guest"; }

}  // namespace

std::string FaultMark(const std::string& fault_name) {
  return std::string(absl::StripPrefix(fault_name, "faults/"));
}

HostInstant FaultReverter::InstantOf(const FaultRecord& fault, const FaultEffect& effect,
                                     absl::Time earliest, absl::Time latest) {
  if (!IsKeptOnHost(fault)) {
    return guest_clocks_.ToHost(fault.vm, effect.time, earliest, latest);
  }
  return {std::clamp(effect.time, earliest, std::max(earliest, latest)), {}, ""};
}

Injector* FaultReverter::InjectorOf(const std::string& kind, const std::string& backend) const {
  for (const std::unique_ptr<Injector>& injector : injectors_) {
    if (injector->Handles(kind, backend)) return injector.get();
  }
  return nullptr;
}

void FaultReverter::Note(const FaultRecord& fault, const std::string& what) {
  events_
      .Append({clock_.Now(), fault.name,
               fault.service.empty()
                   ? absl::StrCat(fault.kind, " on ", fault.vm, ": ", what)
                   : absl::StrCat(fault.kind, " on ", fault.service, " in ", fault.vm, ": ", what),
               guest_clocks_.GuestTime(fault.vm, clock_.Now())})
      .IgnoreError();
}

void FaultReverter::TellVerified(const FaultRecord& fault) {
  if (observer_ != nullptr) observer_->OnVerified(fault);
}

absl::StatusOr<FaultEffect> FaultReverter::RevertInGuest(const FaultRecord& fault) {
  Injector* injector = InjectorOf(fault.kind, fault.backend);
  if (injector == nullptr) {
    return absl::UnimplementedError(
        absl::StrCat("this build cannot revert ", fault.kind, "; run by hand: ", fault.undo));
  }
  return injector->Revert(fault.vm, FaultMark(fault.name));
}

absl::Status FaultReverter::Finish(FaultRecord& fault, FaultState state, const std::string& reason,
                                   absl::Time reverted) {
  fault.state = state;
  fault.reason = reason;
  fault.reverted = reverted;
  GRAYLING_RETURN_IF_ERROR(journal_.Put(fault));
  if (!fault.MayBeActive()) {
    absl::MutexLock lock(&mutex_);
    starts_.erase(fault.name);
  }
  if (!fault.MayBeActive() && observer_ != nullptr) observer_->OnEnded(fault);
  Note(fault, reason.empty() ? std::string(FaultStateName(state))
                             : absl::StrCat(FaultStateName(state), ", ", reason));
  return absl::OkStatus();
}

absl::Status FaultReverter::Keep(FaultRecord& fault, const std::string& reason,
                                 const absl::Status& why) {
  // Written once, not at every try: each Put is a synced write.
  if (fault.reason != reason) {
    fault.reason = reason;
    GRAYLING_RETURN_IF_ERROR(journal_.Put(fault));
    Note(fault, reason);
  }
  return absl::Status(why.code(), absl::StrCat(fault.name, ": ", reason));
}

absl::Status FaultReverter::FinishUnknown(FaultRecord& fault) {
  const absl::Time now = clock_.Now();
  if (WasVerified(fault)) {
    return Finish(
        fault, FaultState::kReverted,
        absl::StrCat("the ", PlaceOf(fault),
                     " does not know it any more (rebooted or replaced), so its end is an upper "
                     "bound"),
        std::min(now, fault.verified + fault.duration));
  }
  if (now < fault.created + kOrderMayBeUnderway) {
    return Keep(fault,
                absl::StrCat("the ", PlaceOf(fault),
                             " does not know it yet, but the order may still be on its way"),
                absl::AbortedError(""));
  }
  return Finish(fault, FaultState::kFailed,
                absl::StrCat("it never acted: the ", PlaceOf(fault), " does not know it"),
                absl::InfinitePast());
}

void FaultReverter::RememberStart(const FaultRecord& fault, const HostInstant& start) {
  std::string doubt;
  if (!start.doubt.empty()) doubt = absl::StrCat("its start is not exact: ", start.doubt);
  absl::MutexLock lock(&mutex_);
  starts_[fault.name] = {start.offset, std::move(doubt)};
}

void FaultReverter::RememberLeftOver(const FaultRecord& fault) {
  absl::MutexLock lock(&mutex_);
  starts_[fault.name] = {{},
                         absl::StrCat("was ", FaultStateName(fault.state),
                                      " when the daemon stopped; settled after its restart")};
}

std::string FaultReverter::DoubtAbout(const FaultRecord& fault, const HostInstant& end) {
  Start start;
  {
    absl::MutexLock lock(&mutex_);
    const auto known = starts_.find(fault.name);
    if (known == starts_.end()) return end.doubt;
    start = known->second;
  }
  if (!start.doubt.empty()) return start.doubt;
  if (!end.doubt.empty()) return absl::StrCat("its end is not exact: ", end.doubt);
  if (IsKeptOnHost(fault)) return "";
  const absl::StatusOr<MeasuredOffset> now = guest_clocks_.Measure(fault.vm);
  if (!now.ok()) {
    return absl::StrCat(
        "its instants are not sure: the guest's clock could not be measured after "
        "it (",
        now.status().message(), ")");
  }
  const absl::Duration movement = ClockMovement(start.offset, *now);
  if (movement == absl::ZeroDuration()) return "";
  return absl::StrCat("its instants are not exact: the guest's clock moved by ",
                      absl::FormatDuration(absl::Trunc(movement, absl::Milliseconds(1))),
                      " within it");
}

absl::Status FaultReverter::Revert(FaultRecord& fault) {
  if (fault.state == FaultState::kPlanned) {
    return Finish(fault, FaultState::kFailed, "the daemon stopped before it was applied",
                  absl::InfinitePast());
  }
  const absl::StatusOr<FaultEffect> effect = RevertInGuest(fault);
  if (effect.ok()) {
    const absl::Time earliest = WasVerified(fault) ? fault.verified : fault.created;
    const HostInstant end = InstantOf(fault, *effect, earliest, clock_.Now());
    return Finish(fault, FaultState::kReverted, DoubtAbout(fault, end), end.time);
  }
  if (absl::IsNotFound(effect.status())) return FinishUnknown(fault);
  if (absl::IsDataLoss(effect.status())) {
    GRAYLING_RETURN_IF_ERROR(Finish(fault, FaultState::kResidue,
                                    std::string(effect.status().message()), absl::InfinitePast()));
    return effect.status();
  }
  return Keep(fault, absl::StrCat("its end is not confirmed: ", effect.status().message()),
              effect.status());
}

absl::Status FaultReverter::RevertFailedInjection(FaultRecord& fault, const absl::Status& cause) {
  const bool guest_was_silent = absl::IsUnavailable(cause) || absl::IsDeadlineExceeded(cause);
  const absl::StatusOr<FaultEffect> effect = RevertInGuest(fault);
  const bool is_gone = effect.ok() || (absl::IsNotFound(effect.status()) && !guest_was_silent);
  if (is_gone) {
    GRAYLING_RETURN_IF_ERROR(
        Finish(fault, FaultState::kFailed, std::string(cause.message()), absl::InfinitePast()));
    return cause;
  }
  if (absl::IsDataLoss(effect.status())) {
    GRAYLING_RETURN_IF_ERROR(Finish(fault, FaultState::kResidue,
                                    absl::StrCat(cause.message(), "; ", effect.status().message()),
                                    absl::InfinitePast()));
    return effect.status();
  }
  return Keep(fault,
              absl::StrCat(cause.message(), "; its undo is not confirmed (",
                           effect.status().message(), "), it ends by its own timer at the latest"),
              guest_was_silent ? cause : effect.status());
}

}  // namespace grayling

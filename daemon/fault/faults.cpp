#include "daemon/fault/faults.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/fault/catalogue.h"
#include "daemon/fault/fault_claims.h"
#include "daemon/fault/fault_reverter.h"
#include "daemon/fault/guest_clocks.h"
#include "daemon/guest/services.h"

namespace grayling {
namespace {

constexpr size_t kMostLiveFaults = 64;
constexpr absl::Duration kShortest = absl::Milliseconds(100);
constexpr absl::Duration kLongest = absl::Hours(24);

// netem hangs at the root of the service's veth, and there is one root.
bool NeedsQdisc(const std::string& kind) { return absl::StartsWith(kind, "network."); }

absl::Status CheckRequest(const FaultRequest& request) {
  if (request.vm.empty() || request.service.empty()) {
    return absl::InvalidArgumentError(
        "a fault needs a vm and a service; for example vm vms/lab, service visits-service");
  }
  if (request.duration < kShortest || request.duration > kLongest) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a fault needs a duration between ", absl::FormatDuration(kShortest), " and ",
        absl::FormatDuration(kLongest), ", not ", absl::FormatDuration(request.duration),
        ": it is what ends the fault when nobody else does"));
  }
  return absl::OkStatus();
}

bool HasExpired(const FaultRecord& fault, absl::Time now) {
  if (fault.state == FaultState::kResidue) return false;
  return fault.state != FaultState::kVerified || now >= fault.verified + fault.duration;
}

bool IsSilence(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

struct Faults::Impl {
  struct Planned {
    FaultRecord fault;
    FaultClaims::Claim claim;
  };

  Impl(FaultJournal& journal_in, EventLog& events, Guests& guests_in,
       std::vector<std::unique_ptr<Injector>> injectors_in, Clock& clock_in)
      : journal(journal_in),
        guests(guests_in),
        clock(clock_in),
        injectors(std::move(injectors_in)),
        guest_clocks(guests_in),
        reverter(journal_in, events, guests_in, injectors, guest_clocks, clock_in) {}

  // The journal's line of a new fault, written and claimed, unless another one is in its way.
  absl::StatusOr<Planned> Plan(const FaultRequest& request,
                               std::map<std::string, double> parameters);
  absl::StatusOr<std::string> FreeName() ABSL_EXCLUSIVE_LOCKS_REQUIRED(planning);
  absl::StatusOr<FaultRecord> Apply(Executor& executor, Injector& injector,
                                    const GuestService& service, FaultRecord fault);
  // Makes SettleExpired() go on trying to end a claimed fault.
  absl::Status MarkReverting(FaultRecord& fault);
  // Reverts a claimed fault, unless it has ended meanwhile.
  absl::StatusOr<FaultRecord> End(const std::string& name);
  // The same for one of many, except that the guest is not asked when its VM is in `silent_vms`:
  // UNAVAILABLE then. A VM that turns out silent is added.
  absl::StatusOr<FaultRecord> EndUnlessSilent(const FaultRecord& record,
                                              std::set<std::string>& silent_vms);
  // Adds to `reverted` the marks that were in the guest without a live line in the journal.
  absl::Status RevertUnknownMarks(const std::string& vm, std::vector<std::string>& reverted);

  FaultJournal& journal;
  Guests& guests;
  Clock& clock;
  const std::vector<std::unique_ptr<Injector>> injectors;
  GuestClocks guest_clocks;
  FaultReverter reverter;
  FaultClaims claims;
  absl::Mutex
      planning;  // from "nothing is in the way" to the journal's line; no guest call under it
  int64_t last_number ABSL_GUARDED_BY(planning) = 0;
};

Faults::Faults(FaultJournal& journal, EventLog& events, Guests& guests,
               std::vector<std::unique_ptr<Injector>> injectors, Clock& clock)
    : impl_(std::make_unique<Impl>(journal, events, guests, std::move(injectors), clock)) {}

Faults::~Faults() = default;

absl::StatusOr<std::string> Faults::Impl::FreeName() {
  const std::string second = absl::FormatTime("%Y%m%dT%H%M%S", clock.Now(), absl::UTCTimeZone());
  while (true) {
    std::string name = absl::StrCat("faults/", second, "-", ++last_number);
    const absl::Status taken = journal.Get(name).status();
    if (absl::IsNotFound(taken)) return name;
    GRAYLING_RETURN_IF_ERROR(taken);
  }
}

absl::StatusOr<Faults::Impl::Planned> Faults::Impl::Plan(const FaultRequest& request,
                                                         std::map<std::string, double> parameters) {
  absl::MutexLock lock(&planning);
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<FaultRecord> live, journal.List(true));
  if (live.size() >= kMostLiveFaults) {
    return absl::ResourceExhaustedError(absl::StrCat(
        live.size(), " faults are live, which is the most; revert some of them first"));
  }
  for (const FaultRecord& other : live) {
    if (other.vm == request.vm && other.service == request.service && NeedsQdisc(other.kind) &&
        NeedsQdisc(request.kind)) {
      return absl::FailedPreconditionError(absl::StrCat(
          other.name, " (", other.kind, ", ", FaultStateName(other.state), ") holds the qdisc of ",
          other.service, "; wait for its end or revert it first"));
    }
  }
  FaultRecord fault;
  GRAYLING_ASSIGN_OR_RETURN(fault.name, FreeName());
  fault.kind = request.kind;
  fault.vm = request.vm;
  fault.service = request.service;
  fault.parameters = std::move(parameters);
  fault.duration = request.duration;
  fault.campaign = request.campaign;
  fault.created = clock.Now();
  FaultClaims::Claim claim = claims.Take(fault.name);
  GRAYLING_RETURN_IF_ERROR(journal.Put(fault));
  return Planned{std::move(fault), std::move(claim)};
}

absl::StatusOr<FaultRecord> Faults::Impl::Apply(Executor& executor, Injector& injector,
                                                const GuestService& service, FaultRecord fault) {
  const FaultOrder order{FaultMark(fault.name), fault.kind, service, fault.parameters,
                         fault.duration};
  fault.undo = nlohmann::json(injector.UndoCommand(order)).dump();
  fault.state = FaultState::kArmed;
  GRAYLING_RETURN_IF_ERROR(journal.Put(fault));

  const absl::Time called = clock.Now();
  const absl::StatusOr<FaultEffect> effect = injector.Apply(executor, order);
  if (!effect.ok()) return reverter.RevertFailedInjection(fault, effect.status());
  fault.state = FaultState::kVerified;
  const HostInstant start = guest_clocks.ToHost(fault.vm, effect->guest_time, called, clock.Now());
  fault.verified = start.time;
  reverter.RememberStart(fault, start);
  const absl::Status written = journal.Put(fault);
  if (!written.ok()) return reverter.RevertFailedInjection(fault, written);
  reverter.Note(fault, absl::StrCat("VERIFIED, ", effect->readback));
  return fault;
}

absl::Status Faults::Impl::MarkReverting(FaultRecord& fault) {
  if (fault.state != FaultState::kVerified && fault.state != FaultState::kApplied) {
    return absl::OkStatus();
  }
  fault.state = FaultState::kReverting;
  return journal.Put(fault);
}

absl::StatusOr<FaultRecord> Faults::Impl::End(const std::string& name) {
  GRAYLING_ASSIGN_OR_RETURN(FaultRecord fault, journal.Get(name));
  if (!fault.MayBeActive()) return fault;
  GRAYLING_RETURN_IF_ERROR(MarkReverting(fault));
  GRAYLING_RETURN_IF_ERROR(reverter.Revert(fault));
  return fault;
}

absl::StatusOr<FaultRecord> Faults::Impl::EndUnlessSilent(const FaultRecord& record,
                                                          std::set<std::string>& silent_vms) {
  const FaultClaims::Claim claim = claims.Take(record.name);
  if (silent_vms.count(record.vm) == 0 || record.state == FaultState::kPlanned) {
    absl::StatusOr<FaultRecord> ended = End(record.name);
    if (IsSilence(ended.status())) silent_vms.insert(record.vm);
    return ended;
  }
  GRAYLING_ASSIGN_OR_RETURN(FaultRecord fault, journal.Get(record.name));
  if (!fault.MayBeActive()) return fault;
  GRAYLING_RETURN_IF_ERROR(MarkReverting(fault));
  return absl::UnavailableError(absl::StrCat(
      fault.name, ": ", fault.vm, " does not answer, so it was not asked about this one as well"));
}

absl::Status Faults::Impl::RevertUnknownMarks(const std::string& vm,
                                              std::vector<std::string>& reverted) {
  GRAYLING_ASSIGN_OR_RETURN(Executor * executor, guests.ExecutorOf(vm));
  for (const std::unique_ptr<Injector>& injector : injectors) {
    GRAYLING_ASSIGN_OR_RETURN(const std::vector<std::string> marks, injector->Marks(*executor));
    for (const std::string& mark : marks) {
      const absl::StatusOr<FaultRecord> record = journal.Get(absl::StrCat("faults/", mark));
      if (record.ok() && record->MayBeActive()) continue;  // somebody injects it at this moment
      GRAYLING_RETURN_IF_ERROR(injector->Revert(*executor, mark).status());
      reverted.push_back(mark);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<FaultRecord> Faults::Inject(const FaultRequest& request) {
  GRAYLING_RETURN_IF_ERROR(CheckRequest(request));
  GRAYLING_ASSIGN_OR_RETURN(const FaultKind* kind, FindFaultKind(request.kind));
  GRAYLING_ASSIGN_OR_RETURN(auto parameters, CompleteParameters(*kind, request.parameters));
  Injector* injector = impl_->reverter.InjectorOf(request.kind);
  if (injector == nullptr) {
    return absl::UnimplementedError(absl::StrCat("no injector here handles ", request.kind));
  }
  GRAYLING_ASSIGN_OR_RETURN(Executor * executor, impl_->guests.ExecutorOf(request.vm));
  GRAYLING_ASSIGN_OR_RETURN(const GuestService service, FindService(*executor, request.service));
  // Before the fault, so that it neither delays the verified instant nor is disturbed by it.
  GRAYLING_RETURN_IF_ERROR(impl_->guest_clocks.Offset(request.vm).status());

  absl::StatusOr<Impl::Planned> planned = impl_->Plan(request, parameters);
  if (absl::IsFailedPrecondition(planned.status())) {
    // What is in the way may only wait to be settled.
    SettleExpired();
    planned = impl_->Plan(request, parameters);
  }
  if (!planned.ok()) return planned.status();
  return impl_->Apply(*executor, *injector, service, planned->fault);
}

absl::StatusOr<FaultRecord> Faults::Revert(const std::string& name) {
  const FaultClaims::Claim claim = impl_->claims.Take(name);
  return impl_->End(name);
}

absl::StatusOr<Faults::RevertAllResult> Faults::RevertAll(const std::string& vm) {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<FaultRecord> known, impl_->journal.List(false));
  std::map<std::string, bool> vms;  // to whether the journal has live faults there
  if (!vm.empty()) vms[vm] = true;
  RevertAllResult result;
  absl::Status first_error;
  std::set<std::string> silent_vms;
  for (const FaultRecord& record : known) {
    if (vm.empty()) vms[record.vm] |= record.MayBeActive();
    if (!record.MayBeActive() || vms.count(record.vm) == 0) continue;
    absl::StatusOr<FaultRecord> ended = impl_->EndUnlessSilent(record, silent_vms);
    first_error.Update(ended.status());
    if (ended.ok()) result.faults.push_back(*std::move(ended));
  }
  for (const auto& [name, matters] : vms) {
    if (silent_vms.count(name) > 0) continue;
    const absl::Status swept = impl_->RevertUnknownMarks(name, result.unknown_marks);
    // A VM of the past that is off or gone carries nothing.
    if (matters) first_error.Update(swept);
  }
  if (!first_error.ok()) return first_error;
  return result;
}

void Faults::SettleExpired() {
  const absl::StatusOr<std::vector<FaultRecord>> live = impl_->journal.List(true);
  if (!live.ok()) return;
  std::set<std::string> silent_vms;  // not asked again in this round: each try may take long
  for (const FaultRecord& record : *live) {
    if (!HasExpired(record, impl_->clock.Now()) || silent_vms.count(record.vm) > 0) continue;
    const auto claim = impl_->claims.TryTake(record.name);
    if (!claim.has_value()) continue;
    const absl::StatusOr<FaultRecord> now = impl_->journal.Get(record.name);
    if (!now.ok() || !HasExpired(*now, impl_->clock.Now())) continue;
    if (IsSilence(impl_->End(record.name).status())) silent_vms.insert(record.vm);
  }
}

std::vector<std::string> Faults::Recover() {
  std::vector<std::string> sentences;
  const absl::StatusOr<std::vector<FaultRecord>> live = impl_->journal.List(true);
  if (!live.ok()) return {std::string(live.status().message())};
  std::set<std::string> silent_vms;
  for (const FaultRecord& record : *live) {
    impl_->reverter.RememberLeftOver(record);
    const absl::StatusOr<FaultRecord> ended = impl_->EndUnlessSilent(record, silent_vms);
    sentences.push_back(
        absl::StrCat(record.name, " (", record.kind, " on ", record.service, ") was ",
                     FaultStateName(record.state), " when the daemon stopped; ",
                     ended.ok() ? absl::StrCat("now ", FaultStateName(ended->state),
                                               ended->reason.empty() ? "" : ", ", ended->reason)
                                : std::string(ended.status().message())));
  }
  return sentences;
}

absl::StatusOr<FaultRecord> Faults::Get(const std::string& name) {
  return impl_->journal.Get(name);
}

absl::StatusOr<std::vector<FaultRecord>> Faults::List(bool active_only) {
  return impl_->journal.List(active_only);
}

absl::StatusOr<absl::Duration> Faults::ClockOffset(const std::string& vm) {
  GRAYLING_ASSIGN_OR_RETURN(const MeasuredOffset measured, impl_->guest_clocks.Measure(vm));
  return measured.offset;
}

}  // namespace grayling

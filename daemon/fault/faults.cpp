#include "daemon/fault/faults.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "daemon/fault/catalogue.h"
#include "daemon/fault/fault_claims.h"
#include "daemon/fault/fault_reverter.h"
#include "daemon/fault/guest_clocks.h"
#include "daemon/fault/unknown_marks.h"
#include "daemon/guest/services.h"

namespace grayling {
namespace {

constexpr size_t kMostLiveFaults = 64;
constexpr absl::Duration kShortest = absl::Milliseconds(100);
constexpr absl::Duration kLongest = absl::Hours(24);

// `arguments`: of kind blade, which needs what its line acts on.
std::string ResourceOf(const std::string& kind, const std::vector<std::string>& arguments) {
  const bool is_on_network =
      std::find(arguments.begin(), arguments.end(), "network") != arguments.end();
  if (kind == "blade") return is_on_network ? "qdisc" : "";
  const FaultKind* known = FindFaultKindOrNull(kind);
  return known == nullptr ? "" : known->resource;
}

absl::Status CheckTarget(const FaultRequest& request, const FaultKind& kind) {
  const bool is_machine = kind.target == FaultTarget::kMachine;
  if (request.vm.empty() || (request.service.empty() && !is_machine)) {
    return absl::InvalidArgumentError(
        "a fault needs a vm and a service; for example vm vms/lab, service visits-service");
  }
  if (is_machine && !request.service.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        request.kind, " acts on the whole VM; leave the service ", request.service, " away"));
  }
  return absl::OkStatus();
}

absl::Status CheckShape(const FaultRequest& request, const FaultKind& kind) {
  const std::string wrong = ShapeComplaint(request.shape);
  if (!wrong.empty()) return absl::InvalidArgumentError(wrong);
  if (!request.shape.IsConstant() && (!kind.can_change || request.backend != "native")) {
    return absl::InvalidArgumentError(
        absl::StrCat(request.kind, " by ", request.backend,
                     " cannot change its intensity while it acts; use the shape constant"));
  }
  return absl::OkStatus();
}

absl::Status CheckRequest(const FaultRequest& request, const FaultKind& kind) {
  GRAYLING_RETURN_IF_ERROR(CheckTarget(request, kind));
  GRAYLING_RETURN_IF_ERROR(CheckShape(request, kind));
  const std::vector<std::string> backends = BackendsOf(kind);
  if (std::find(backends.begin(), backends.end(), request.backend) == backends.end()) {
    return absl::InvalidArgumentError(absl::StrCat(request.kind, " has no backend '",
                                                   request.backend, "'; it has ",
                                                   absl::StrJoin(backends, ", ")));
  }
  if (request.arguments.empty() != (request.kind != "blade")) {
    return absl::InvalidArgumentError(
        request.kind == "blade" ? "kind blade needs the arguments of a `blade create` line"
                                : "only kind blade takes arguments");
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

// What must answer for this fault to be reverted: a guest, or the host for it.
std::string KeeperOf(const FaultRecord& fault) {
  return IsKeptOnHost(fault) ? absl::StrCat("the host of ", fault.vm) : fault.vm;
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
       std::vector<std::unique_ptr<Injector>> injectors_in, Clock& clock_in,
       FaultObserver* observer)
      : journal(journal_in),
        guests(guests_in),
        clock(clock_in),
        injectors(std::move(injectors_in)),
        guest_clocks(guests_in),
        reverter(journal_in, events, injectors, guest_clocks, clock_in, observer),
        unknown_marks(journal_in, guests_in, injectors) {}

  // The journal's line of a new fault, written and claimed, unless another one is in its way.
  absl::StatusOr<Planned> Plan(const FaultRequest& request, FaultValues values);
  absl::StatusOr<std::string> FreeName() ABSL_EXCLUSIVE_LOCKS_REQUIRED(planning);
  // Looks the service and its peer up in the guest, and the guest's clock: before the fault, so
  // that this neither delays the verified instant nor is disturbed by it.
  absl::StatusOr<FaultOrder> Resolve(const FaultRequest& request, const FaultKind& kind,
                                     const FaultValues& values);
  absl::StatusOr<FaultRecord> Apply(Injector& injector, FaultOrder order, FaultRecord fault);
  // Makes SettleExpired() go on trying to end a claimed fault.
  absl::Status MarkReverting(FaultRecord& fault);
  // Reverts a claimed fault, unless it has ended meanwhile.
  absl::StatusOr<FaultRecord> End(const std::string& name);
  // The same for one of many, except that nobody is asked when its keeper is in `silent`:
  // UNAVAILABLE then. A keeper that turns out silent is added.
  absl::StatusOr<FaultRecord> EndUnlessSilent(const FaultRecord& record,
                                              std::set<std::string>& silent);

  FaultJournal& journal;
  Guests& guests;
  Clock& clock;
  const std::vector<std::unique_ptr<Injector>> injectors;
  GuestClocks guest_clocks;
  FaultReverter reverter;
  UnknownMarks unknown_marks;
  FaultClaims claims;
  absl::Mutex
      planning;  // from "nothing is in the way" to the journal's line; no guest call under it
  int64_t last_number ABSL_GUARDED_BY(planning) = 0;
};

Faults::Faults(FaultJournal& journal, EventLog& events, Guests& guests,
               std::vector<std::unique_ptr<Injector>> injectors, Clock& clock,
               FaultObserver* observer)
    : impl_(
          std::make_unique<Impl>(journal, events, guests, std::move(injectors), clock, observer)) {}

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
                                                         FaultValues values) {
  absl::MutexLock lock(&planning);
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<FaultRecord> live, journal.List(true));
  if (live.size() >= kMostLiveFaults) {
    return absl::ResourceExhaustedError(absl::StrCat(
        live.size(), " faults are live, which is the most; revert some of them first"));
  }
  for (const FaultRecord& other : live) {
    const std::string resource = ResourceOf(request.kind, request.arguments);
    if (other.vm == request.vm && other.service == request.service && !resource.empty() &&
        ResourceOf(other.kind, other.arguments) == resource) {
      return absl::FailedPreconditionError(absl::StrCat(
          other.name, " (", other.kind, ", ", FaultStateName(other.state), ") holds the ", resource,
          " of ", other.service.empty() ? other.vm : other.service,
          "; wait for its end or revert it first"));
    }
  }
  FaultRecord fault;
  GRAYLING_ASSIGN_OR_RETURN(fault.name, FreeName());
  fault.kind = request.kind;
  fault.vm = request.vm;
  fault.service = request.service;
  fault.parameters = std::move(values.parameters);
  fault.options = std::move(values.options);
  fault.shape = ShapeText(request.shape);
  fault.backend = request.backend;
  fault.arguments = request.arguments;
  fault.duration = request.duration;
  fault.campaign = request.campaign;
  fault.created = clock.Now();
  FaultClaims::Claim claim = claims.Take(fault.name);
  GRAYLING_RETURN_IF_ERROR(journal.Put(fault));
  return Planned{std::move(fault), std::move(claim)};
}

absl::StatusOr<FaultOrder> Faults::Impl::Resolve(const FaultRequest& request, const FaultKind& kind,
                                                 const FaultValues& values) {
  FaultOrder order{"",
                   request.kind,
                   request.vm,
                   {},
                   {},
                   values.parameters,
                   values.options,
                   request.shape,
                   request.arguments,
                   request.duration};
  if (kind.target == FaultTarget::kMachine) return order;
  GRAYLING_ASSIGN_OR_RETURN(Executor * executor, guests.ExecutorOf(request.vm));
  GRAYLING_ASSIGN_OR_RETURN(order.service, FindService(*executor, request.service));
  const auto peer = values.options.find("peer");
  if (peer != values.options.end() && !peer->second.empty()) {
    GRAYLING_ASSIGN_OR_RETURN(const GuestService other, FindService(*executor, peer->second));
    if (other.ip_address.empty()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "peer ", peer->second, " has no address of its own, so its packets cannot be told"));
    }
    order.peer_addresses.push_back(other.ip_address);
  }
  GRAYLING_RETURN_IF_ERROR(guest_clocks.Offset(request.vm).status());
  return order;
}

absl::StatusOr<FaultRecord> Faults::Impl::Apply(Injector& injector, FaultOrder order,
                                                FaultRecord fault) {
  order.id = FaultMark(fault.name);
  fault.undo = nlohmann::json(injector.UndoCommand(order)).dump();
  fault.state = FaultState::kArmed;
  GRAYLING_RETURN_IF_ERROR(journal.Put(fault));

  const absl::Time called = clock.Now();
  const absl::StatusOr<FaultEffect> effect = injector.Apply(order);
  if (!effect.ok()) return reverter.RevertFailedInjection(fault, effect.status());
  fault.state = FaultState::kVerified;
  const HostInstant start = reverter.InstantOf(fault, *effect, called, clock.Now());
  fault.verified = start.time;
  reverter.RememberStart(fault, start);
  const absl::Status written = journal.Put(fault);
  if (!written.ok()) return reverter.RevertFailedInjection(fault, written);
  reverter.Note(fault, absl::StrCat("VERIFIED, ", effect->readback));
  reverter.TellVerified(fault);
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
                                                          std::set<std::string>& silent) {
  const FaultClaims::Claim claim = claims.Take(record.name);
  if (silent.count(KeeperOf(record)) == 0 || record.state == FaultState::kPlanned) {
    absl::StatusOr<FaultRecord> ended = End(record.name);
    if (IsSilence(ended.status())) silent.insert(KeeperOf(record));
    return ended;
  }
  GRAYLING_ASSIGN_OR_RETURN(FaultRecord fault, journal.Get(record.name));
  if (!fault.MayBeActive()) return fault;
  GRAYLING_RETURN_IF_ERROR(MarkReverting(fault));
  return absl::UnavailableError(absl::StrCat(fault.name, ": ", KeeperOf(fault),
                                             " does not answer, so it was not asked about this "
                                             "one as well"));
}

absl::StatusOr<FaultRecord> Faults::Inject(const FaultRequest& request) {
  GRAYLING_ASSIGN_OR_RETURN(const FaultKind* kind, FindFaultKind(request.kind));
  GRAYLING_RETURN_IF_ERROR(CheckRequest(request, *kind));
  GRAYLING_ASSIGN_OR_RETURN(const FaultValues values,
                            CompleteValues(*kind, {request.parameters, request.options}));
  Injector* injector = impl_->reverter.InjectorOf(request.kind, request.backend);
  if (injector == nullptr) {
    return absl::UnimplementedError(
        absl::StrCat("no injector here handles ", request.kind, " by ", request.backend));
  }
  GRAYLING_ASSIGN_OR_RETURN(FaultOrder order, impl_->Resolve(request, *kind, values));
  absl::StatusOr<Impl::Planned> planned = impl_->Plan(request, values);
  if (absl::IsFailedPrecondition(planned.status())) {
    // What is in the way may only wait to be settled.
    SettleExpired();
    planned = impl_->Plan(request, values);
  }
  if (!planned.ok()) return planned.status();
  return impl_->Apply(*injector, std::move(order), planned->fault);
}

absl::StatusOr<FaultRecord> Faults::Revert(const std::string& name) {
  const FaultClaims::Claim claim = impl_->claims.Take(name);
  return impl_->End(name);
}

absl::StatusOr<Faults::RevertAllResult> Faults::RevertAll(const std::string& vm) {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<FaultRecord> known, impl_->journal.List(false));
  std::map<std::string, bool> vms;  // to whether the journal has live faults there
  if (!vm.empty()) vms[vm] = true;
  absl::Status hypervisor;
  if (vm.empty()) {
    const absl::StatusOr<std::vector<std::string>> running = impl_->guests.RunningVms();
    hypervisor = running.status();
    if (running.ok()) {
      for (const std::string& name : *running) vms[name] = false;
    }
  }
  RevertAllResult result;
  absl::Status first_error;
  std::set<std::string> silent;
  for (const bool on_host : {true, false}) {  // a VM that is slow by our doing answers after it
    for (const FaultRecord& record : known) {
      if (vm.empty()) vms[record.vm] |= record.MayBeActive();
      if (!record.MayBeActive() || vms.count(record.vm) == 0) continue;
      if (IsKeptOnHost(record) != on_host) continue;
      absl::StatusOr<FaultRecord> ended = impl_->EndUnlessSilent(record, silent);
      first_error.Update(ended.status());
      if (ended.ok()) result.faults.push_back(*std::move(ended));
    }
  }
  for (const auto& [name, matters] : vms) {
    const absl::Status swept =
        impl_->unknown_marks.Revert(name, silent.count(name) > 0, result.unknown_marks);
    // A VM of the past that is off or gone carries nothing.
    if (matters) first_error.Update(swept);
  }
  // Who cannot say which VMs there are has not looked everywhere.
  first_error.Update(hypervisor);
  if (!first_error.ok()) return first_error;
  return result;
}

void Faults::SettleExpired() {
  const absl::StatusOr<std::vector<FaultRecord>> live = impl_->journal.List(true);
  if (!live.ok()) return;
  std::set<std::string> silent;  // not asked again in this round: each try may take long
  for (const FaultRecord& record : *live) {
    if (!HasExpired(record, impl_->clock.Now()) || silent.count(KeeperOf(record)) > 0) continue;
    const auto claim = impl_->claims.TryTake(record.name);
    if (!claim.has_value()) continue;
    const absl::StatusOr<FaultRecord> now = impl_->journal.Get(record.name);
    if (!now.ok() || !HasExpired(*now, impl_->clock.Now())) continue;
    if (IsSilence(impl_->End(record.name).status())) silent.insert(KeeperOf(record));
  }
}

std::vector<std::string> Faults::Recover() {
  std::vector<std::string> sentences;
  const absl::StatusOr<std::vector<FaultRecord>> live = impl_->journal.List(true);
  if (!live.ok()) return {std::string(live.status().message())};
  std::set<std::string> silent;
  for (const FaultRecord& record : *live) {
    impl_->reverter.RememberLeftOver(record);
    const absl::StatusOr<FaultRecord> ended = impl_->EndUnlessSilent(record, silent);
    sentences.push_back(absl::StrCat(
        record.name, " (", record.kind, " on ", record.service.empty() ? record.vm : record.service,
        ") was ", FaultStateName(record.state), " when the daemon stopped; ",
        ended.ok() ? absl::StrCat("now ", FaultStateName(ended->state),
                                  ended->reason.empty() ? "" : ", ", ended->reason)
                   : std::string(ended.status().message())));
  }
  for (const std::string& mark : impl_->unknown_marks.RevertOnHost()) {
    sentences.push_back(absl::StrCat("fault ", mark,
                                     " was kept on the host, but not known to the journal; it is "
                                     "reverted"));
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

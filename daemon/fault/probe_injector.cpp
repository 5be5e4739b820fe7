#include "daemon/fault/probe_injector.h"

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/fault/catalogue.h"
#include "daemon/fault/probe_answer.h"
#include "daemon/fault/probe_command.h"

namespace grayling {
namespace {

// Generous: an emulated guest under memory pressure is slow, and giving up early leaves us
// ignorant.
constexpr absl::Duration kGuestTimeout = absl::Seconds(20);
// A killed container is started again, which takes Docker long in such a guest.
constexpr absl::Duration kRevertTimeout = absl::Seconds(60);
// Three programs and a wait for what they do; still below what an order may be underway.
constexpr absl::Duration kBladeTimeout = absl::Seconds(28);

absl::Status CheckTarget(const FaultOrder& order) {
  const FaultKind* kind = FindFaultKindOrNull(order.kind);
  const bool on_network = kind != nullptr && kind->target == FaultTarget::kLink;
  if (on_network && order.service.veth.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("service ", order.service.name, " has no veth pair of its own, so ",
                     order.kind, " has nothing to act on; put it on a bridge network"));
  }
  if (!on_network && order.service.cgroup_path.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("service ", order.service.name,
                                                      " has no cgroup, so ", order.kind,
                                                      " has nothing to act on"));
  }
  return absl::OkStatus();
}

std::vector<std::string> ApplyCommand(const FaultOrder& order) {
  const GuestService& service = order.service;
  std::vector<std::string> argv =
      ApplyArguments(kProbePath, order,
                     {"--veth", service.veth, "--cgroup", service.cgroup_path, "--pid",
                      absl::StrCat(service.pid), "--container", service.container_id});
  for (const std::string& address : order.peer_addresses) {
    argv.push_back("--peer-address");
    argv.push_back(address);
  }
  if (!order.arguments.empty()) {
    argv.push_back("--arguments");
    argv.push_back(nlohmann::json(order.arguments)
                       .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return argv;
}

std::vector<std::string> RevertCommand(const std::string& id) {
  return RevertArguments(kProbePath, id);
}

}  // namespace

bool ProbeInjector::Handles(const std::string& kind, const std::string& backend) const {
  const FaultKind* known = FindFaultKindOrNull(kind);
  return known != nullptr && backend == "native" &&
         (known->target == FaultTarget::kLink || known->target == FaultTarget::kCgroup);
}

absl::StatusOr<ExecResult> ProbeInjector::RunProbe(const std::string& vm,
                                                   const std::vector<std::string>& argv,
                                                   absl::Duration timeout) {
  const absl::StatusOr<Executor*> executor = guests_.ExecutorOf(vm);
  if (absl::IsNotFound(executor.status())) {
    return absl::UnavailableError(executor.status().message());
  }
  if (!executor.ok()) return executor.status();
  absl::StatusOr<ExecResult> result = (*executor)->Run(argv, timeout);
  if (absl::IsNotFound(result.status())) {
    return absl::FailedPreconditionError(absl::StrCat("the guest has no ", kProbePath,
                                                      "; start it with the lab's payload disk (",
                                                      result.status().message(), ")"));
  }
  return result;
}

std::vector<std::string> ProbeInjector::UndoCommand(const FaultOrder& order) const {
  return RevertCommand(order.id);
}

absl::StatusOr<FaultEffect> ProbeInjector::Apply(const FaultOrder& order) {
  GRAYLING_RETURN_IF_ERROR(CheckTarget(order));
  GRAYLING_ASSIGN_OR_RETURN(const ExecResult result,
                            RunProbe(order.vm, ApplyCommand(order),
                                     order.arguments.empty() ? kGuestTimeout : kBladeTimeout));
  GRAYLING_ASSIGN_OR_RETURN(const ProbeAnswer answer, ParseProbeAnswer(result, order.id));
  GRAYLING_RETURN_IF_ERROR(CompareReadback(order, answer));
  return FaultEffect{answer.guest_time, answer.readback};
}

absl::StatusOr<FaultEffect> ProbeInjector::Revert(const std::string& vm, const std::string& id) {
  GRAYLING_ASSIGN_OR_RETURN(const ExecResult result,
                            RunProbe(vm, RevertCommand(id), kRevertTimeout));
  return EffectOfRevert(result, id);
}

absl::StatusOr<std::vector<std::string>> ProbeInjector::Marks(const std::string& vm) {
  const absl::StatusOr<ExecResult> result = RunProbe(vm, {kProbePath, "fault", "list"}, kGuestTimeout);
  // Where the tool is not there none of its processes is: a VM that is only hurt from outside.
  if (absl::IsFailedPrecondition(result.status())) return std::vector<std::string>();
  GRAYLING_RETURN_IF_ERROR(result.status());
  return ParseMarks(*result);
}

}  // namespace grayling

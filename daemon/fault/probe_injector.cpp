#include "daemon/fault/probe_injector.h"

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "daemon/fault/catalogue.h"
#include "daemon/fault/probe_answer.h"

namespace grayling {
namespace {

// Generous: an emulated guest under memory pressure is slow, and giving up early leaves us
// ignorant.
constexpr absl::Duration kGuestTimeout = absl::Seconds(20);

// NOT_FOUND is kept for "the guest does not know this fault".
absl::StatusOr<ExecResult> RunProbe(Executor& executor, const std::vector<std::string>& argv) {
  absl::StatusOr<ExecResult> result = executor.Run(argv, kGuestTimeout);
  if (absl::IsNotFound(result.status())) {
    return absl::FailedPreconditionError(absl::StrCat("the guest has no ", kProbePath,
                                                      "; start it with the lab's payload disk (",
                                                      result.status().message(), ")"));
  }
  return result;
}

absl::Status CheckTarget(const FaultOrder& order) {
  const bool on_network = absl::StartsWith(order.kind, "network.");
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
  std::vector<std::string> argv = {kProbePath,
                                   "fault",
                                   "apply",
                                   "--id",
                                   order.id,
                                   "--kind",
                                   order.kind,
                                   "--ttl-ms",
                                   absl::StrCat(absl::ToInt64Milliseconds(order.duration)),
                                   "--veth",
                                   order.service.veth,
                                   "--cgroup",
                                   order.service.cgroup_path,
                                   "--pid",
                                   absl::StrCat(order.service.pid)};
  for (const auto& [name, value] : order.parameters) {
    argv.push_back("--param");
    argv.push_back(absl::StrFormat("%s=%.10g", name, value));
  }
  return argv;
}

std::vector<std::string> RevertCommand(const std::string& id) {
  return {kProbePath, "fault", "revert", "--id", id};
}

}  // namespace

bool ProbeInjector::Handles(const std::string& kind) const { return FindFaultKind(kind).ok(); }

std::vector<std::string> ProbeInjector::UndoCommand(const FaultOrder& order) const {
  return RevertCommand(order.id);
}

absl::StatusOr<FaultEffect> ProbeInjector::Apply(Executor& executor, const FaultOrder& order) {
  GRAYLING_RETURN_IF_ERROR(CheckTarget(order));
  GRAYLING_ASSIGN_OR_RETURN(const ExecResult result, RunProbe(executor, ApplyCommand(order)));
  GRAYLING_ASSIGN_OR_RETURN(const ProbeAnswer answer, ParseProbeAnswer(result, order.id));
  GRAYLING_RETURN_IF_ERROR(CompareReadback(order.kind, order.parameters, answer));
  return FaultEffect{answer.guest_time, answer.readback};
}

absl::StatusOr<FaultEffect> ProbeInjector::Revert(Executor& executor, const std::string& id) {
  GRAYLING_ASSIGN_OR_RETURN(const ExecResult result, RunProbe(executor, RevertCommand(id)));
  GRAYLING_ASSIGN_OR_RETURN(const ProbeAnswer answer, ParseProbeAnswer(result, id));
  if (!answer.residue.empty()) {
    return absl::DataLossError(
        absl::StrCat("fault ", id, " was reverted but the guest still shows: ", answer.residue));
  }
  return FaultEffect{answer.guest_time, answer.readback};
}

absl::StatusOr<std::vector<std::string>> ProbeInjector::Marks(Executor& executor) {
  GRAYLING_ASSIGN_OR_RETURN(const ExecResult result,
                            RunProbe(executor, {kProbePath, "fault", "list"}));
  const nlohmann::json object = nlohmann::json::parse(result.out, nullptr, false);
  if (result.exit_code != 0 || !object.is_object() || !object.contains("marks") ||
      !object["marks"].is_array()) {
    return absl::InternalError(
        absl::StrCat("grayling-probe in the guest did not list its faults: exit code ",
                     result.exit_code, ", '", result.out.substr(0, 200), "'"));
  }
  std::vector<std::string> marks;
  for (const nlohmann::json& mark : object["marks"]) {
    if (!mark.is_object() || !mark.contains("id") || !mark["id"].is_string()) continue;
    // A mark that does not clearly say it has ended is taken for a live one.
    const bool ended = mark.contains("active") && mark["active"].is_boolean() && !mark["active"];
    if (!ended) marks.push_back(mark["id"].get<std::string>());
  }
  return marks;
}

}  // namespace grayling

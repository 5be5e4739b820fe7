#include "daemon/fault/vm_injector.h"

#include "absl/strings/str_cat.h"
#include "base/fault_kinds.h"
#include "base/status_macros.h"
#include "daemon/fault/probe_answer.h"
#include "daemon/fault/probe_command.h"
#include "daemon/vm/vm_record.h"

namespace grayling {
namespace {

// Below the time after which an order counts as lost.
constexpr absl::Duration kTimeout = absl::Seconds(25);
constexpr char kPlace[] = "host";

}  // namespace

bool VmInjector::Handles(const std::string& kind, const std::string& backend) const {
  const FaultKind* known = FindFaultKindOrNull(kind);
  return known != nullptr && backend == "native" && known->target == FaultTarget::kMachine;
}

std::vector<std::string> VmInjector::Complete(std::vector<std::string> argv) const {
  argv.insert(argv.end(), {"--state-dir", tool_.mark_folder, "--connect", tool_.libvirt_uri});
  return argv;
}

absl::StatusOr<ExecResult> VmInjector::Run(std::vector<std::string> argv) {
  absl::StatusOr<ExecResult> result = host_.Run(Complete(std::move(argv)), kTimeout);
  // NOT_FOUND is kept for "the host does not know this fault".
  if (absl::IsNotFound(result.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is no ", tool_.path, "; name it with graylingd --vmfault"));
  }
  return result;
}

std::vector<std::string> VmInjector::UndoCommand(const FaultOrder& order) const {
  return Complete(RevertArguments(tool_.path, order.id));
}

absl::StatusOr<FaultEffect> VmInjector::Apply(const FaultOrder& order) {
  GRAYLING_ASSIGN_OR_RETURN(const std::string domain, VmIdOf(order.vm));
  GRAYLING_ASSIGN_OR_RETURN(const ExecResult result,
                            Run(ApplyArguments(tool_.path, order, {"--domain", domain})));
  GRAYLING_ASSIGN_OR_RETURN(const ProbeAnswer answer, ParseProbeAnswer(result, order.id, kPlace));
  GRAYLING_RETURN_IF_ERROR(CompareReadback(order, answer));
  return FaultEffect{answer.guest_time, answer.readback};
}

absl::StatusOr<FaultEffect> VmInjector::Revert(const std::string&, const std::string& id) {
  GRAYLING_ASSIGN_OR_RETURN(const ExecResult result, Run(RevertArguments(tool_.path, id)));
  return EffectOfRevert(result, id, kPlace);
}

absl::StatusOr<std::vector<std::string>> VmInjector::Marks(const std::string& vm) {
  GRAYLING_ASSIGN_OR_RETURN(const std::string domain, VmIdOf(vm));
  GRAYLING_ASSIGN_OR_RETURN(const ExecResult result, Run({tool_.path, "fault", "list"}));
  return ParseMarks(result, domain);
}

}  // namespace grayling

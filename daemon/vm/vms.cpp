#include "daemon/vm/vms.h"

#include <sys/stat.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/vm/domain_xml.h"
#include "daemon/vm/free_port.h"
#include "daemon/vm/vm_record.h"

namespace grayling {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(250);
constexpr absl::Duration kPingTimeout = absl::Seconds(2);
constexpr char kPing[] = R"({"execute":"guest-ping"})";

absl::Status CheckFile(absl::string_view field, const std::string& path) {
  struct stat info {};
  if (path.empty() || (stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode))) {
    return absl::OkStatus();
  }
  return absl::NotFoundError(absl::StrCat(field, " '", path, "' is not a file; build or copy it"));
}

absl::Status CheckFiles(const VmDefinition& definition) {
  GRAYLING_RETURN_IF_ERROR(CheckFile("kernel_path", definition.kernel_path));
  GRAYLING_RETURN_IF_ERROR(CheckFile("initrd_path", definition.initrd_path));
  GRAYLING_RETURN_IF_ERROR(CheckFile("disk_path", definition.disk_path));
  return CheckFile("payload_path", definition.payload_path);
}

absl::StatusOr<VmDefinition> DefinitionOf(const Record& record) {
  v1::Vm vm;
  if (!vm.ParseFromString(record.body)) {
    return absl::DataLossError(absl::StrCat("the record of ", record.name, " cannot be read"));
  }
  GRAYLING_ASSIGN_OR_RETURN(const std::string id, VmIdOf(record.name));
  return DefinitionFromProto(id, vm.spec());
}

bool IsUp(DomainState state) {
  return state == DomainState::kRunning || state == DomainState::kPaused;
}

}  // namespace

absl::Status Vms::ChoosePorts(VmDefinition& definition) {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<Record> records, records_.List());
  std::set<uint16_t> reserved;
  for (const Record& record : records) {
    GRAYLING_ASSIGN_OR_RETURN(const VmDefinition other, DefinitionOf(record));
    if (other.id == definition.id) continue;
    for (const PortForward& forward : other.forwards) reserved.insert(forward.host_port);
  }
  size_t open = 0;
  for (const PortForward& forward : definition.forwards) {
    if (forward.host_port == 0) ++open;
    if (forward.host_port != 0) reserved.insert(forward.host_port);
  }
  GRAYLING_ASSIGN_OR_RETURN(std::vector<uint16_t> chosen, FreeLocalPorts(open, reserved));
  for (PortForward& forward : definition.forwards) {
    if (forward.host_port != 0) continue;
    forward.host_port = chosen.back();
    chosen.pop_back();
  }
  return absl::OkStatus();
}

absl::StatusOr<VmStatus> Vms::Define(VmDefinition definition) {
  GRAYLING_RETURN_IF_ERROR(CheckDefinition(definition));
  GRAYLING_RETURN_IF_ERROR(CheckFiles(definition));
  absl::MutexLock lock(&define_mutex_);
  GRAYLING_RETURN_IF_ERROR(ChoosePorts(definition));
  GRAYLING_RETURN_IF_ERROR(hypervisor_.Define(definition));
  v1::Vm vm;
  vm.set_name(VmName(definition.id));
  *vm.mutable_spec() = SpecToProto(definition);
  GRAYLING_RETURN_IF_ERROR(records_.Put(vm.name(), vm.SerializeAsString(), clock_.Now()));
  return StatusOf(std::move(definition));
}

absl::StatusOr<VmDefinition> Vms::Find(const std::string& name) {
  GRAYLING_RETURN_IF_ERROR(VmIdOf(name).status());
  GRAYLING_ASSIGN_OR_RETURN(const Record record, records_.Get(name));
  return DefinitionOf(record);
}

absl::StatusOr<VmStatus> Vms::StatusOf(VmDefinition definition) {
  VmStatus status;
  const absl::StatusOr<DomainState> state = hypervisor_.State(definition.id);
  // A domain that someone undefined behind our back is as good as shut off: Start defines it anew.
  if (!state.ok() && !absl::IsNotFound(state.status())) return state.status();
  status.state = state.ok() ? *state : DomainState::kShutOff;
  if (status.state == DomainState::kRunning) {
    status.agent_answers = AgentAnswers(definition.id).ok();
  }
  status.definition = std::move(definition);
  return status;
}

absl::StatusOr<VmStatus> Vms::Get(const std::string& name) {
  GRAYLING_ASSIGN_OR_RETURN(VmDefinition definition, Find(name));
  return StatusOf(std::move(definition));
}

absl::StatusOr<std::vector<VmStatus>> Vms::List() {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<Record> records, records_.List());
  std::vector<VmStatus> vms;
  for (const Record& record : records) {
    GRAYLING_ASSIGN_OR_RETURN(VmDefinition definition, DefinitionOf(record));
    GRAYLING_ASSIGN_OR_RETURN(VmStatus status, StatusOf(std::move(definition)));
    vms.push_back(std::move(status));
  }
  return vms;
}

absl::Status Vms::AgentAnswers(const std::string& id) {
  return hypervisor_.AgentCommand(id, kPing, kPingTimeout).status();
}

absl::Status Vms::Start(const std::string& name, absl::Duration agent_timeout,
                        const absl::Notification& stop, const Step& step) {
  GRAYLING_ASSIGN_OR_RETURN(const VmDefinition definition, Find(name));
  const absl::StatusOr<DomainState> state = hypervisor_.State(definition.id);
  if (!state.ok() && !absl::IsNotFound(state.status())) return state.status();
  if (state.ok() && *state == DomainState::kPaused) {
    return absl::FailedPreconditionError(
        absl::StrCat(name, " is paused; resume it or stop it first"));
  }
  if (!state.ok() || *state != DomainState::kRunning) {
    step("starting the domain");
    GRAYLING_RETURN_IF_ERROR(CheckFiles(definition));
    for (const PortForward& forward : definition.forwards) {
      if (IsLocalPortFree(forward.host_port)) continue;
      return absl::FailedPreconditionError(
          absl::StrCat("host port ", forward.host_port, " of ", name,
                       " is taken by another program; stop it, or define the VM with another"));
    }
    if (!state.ok()) GRAYLING_RETURN_IF_ERROR(hypervisor_.Define(definition));
    GRAYLING_RETURN_IF_ERROR(hypervisor_.Start(definition.id));
  }
  step("waiting for the guest agent");
  return WaitForAgent(definition, agent_timeout, stop);
}

absl::Status Vms::WaitForAgent(const VmDefinition& definition, absl::Duration timeout,
                               const absl::Notification& stop) {
  const std::string name = VmName(definition.id);
  const std::string where = definition.console_log_path.empty()
                                ? std::string("define the VM with a console_log_path to see why")
                                : absl::StrCat("see its console log ", definition.console_log_path);
  const absl::Time deadline = clock_.Now() + timeout;
  while (true) {
    const absl::Status answer = AgentAnswers(definition.id);
    // Not there yet; everything else that is wrong does not pass by waiting.
    if (!absl::IsUnavailable(answer) && !absl::IsDeadlineExceeded(answer)) return answer;
    GRAYLING_ASSIGN_OR_RETURN(const DomainState state, hypervisor_.State(definition.id));
    if (!IsUp(state)) {
      return absl::FailedPreconditionError(absl::StrCat(name, " went down while booting; ", where));
    }
    const absl::Time now = clock_.Now();
    if (now >= deadline) {
      return absl::DeadlineExceededError(absl::StrCat("the guest agent of ", name,
                                                      " did not answer within ",
                                                      absl::FormatDuration(timeout), "; ", where));
    }
    if (!clock_.SleepUntil(std::min(deadline, now + kPollInterval), stop)) {
      return absl::CancelledError(absl::StrCat("stopped waiting for ", name, "; it boots on"));
    }
  }
}

absl::Status Vms::Stop(const std::string& name, absl::Duration grace,
                       const absl::Notification& stop, const Step& step) {
  GRAYLING_ASSIGN_OR_RETURN(const VmDefinition definition, Find(name));
  const auto is_up = [&]() -> absl::StatusOr<bool> {
    const absl::StatusOr<DomainState> state = hypervisor_.State(definition.id);
    if (absl::IsNotFound(state.status())) return false;
    if (!state.ok()) return state.status();
    return IsUp(*state);
  };
  GRAYLING_ASSIGN_OR_RETURN(bool up, is_up());
  if (up && grace > absl::ZeroDuration()) {
    step("asking the guest to power off");
    const absl::Time deadline = clock_.Now() + grace;
    // A guest that cannot be asked is not worth waiting for.
    bool waiting = hypervisor_.Shutdown(definition.id).ok();
    while (waiting && up) {
      const absl::Time next = std::min(deadline, clock_.Now() + kPollInterval);
      waiting = clock_.SleepUntil(next, stop) && clock_.Now() < deadline;
      GRAYLING_ASSIGN_OR_RETURN(up, is_up());
    }
  }
  if (!up) return absl::OkStatus();
  step("pulling the plug");
  const absl::Status destroyed = hypervisor_.Destroy(definition.id);
  // It may have gone down by itself in the meantime.
  return absl::IsFailedPrecondition(destroyed) ? absl::OkStatus() : destroyed;
}

absl::Status Vms::Delete(const std::string& name) {
  GRAYLING_ASSIGN_OR_RETURN(const VmDefinition definition, Find(name));
  const absl::Status undefined = hypervisor_.Undefine(definition.id);
  if (!undefined.ok() && !absl::IsNotFound(undefined)) return undefined;
  return records_.Delete(name);
}

}  // namespace grayling

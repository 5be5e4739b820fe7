#include "vmfault/libvirt_machine.h"

#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>

#include <cstdlib>
#include <functional>

#include "vmfault/typed_parameters.h"

namespace grayling::vmfault {
namespace {

using nlohmann::json;

constexpr unsigned int kLive = VIR_DOMAIN_AFFECT_LIVE;

// Without a handler libvirt prints every error to stderr; here each one becomes a sentence.
void IgnoreReport(void*, virErrorPtr) {}

int CodeOf(const virError& error) {
  switch (error.code) {
    case VIR_ERR_NO_DOMAIN:
      return kMachineGone;
    case VIR_ERR_NO_CONNECT:
    case VIR_ERR_INVALID_CONN:
    case VIR_ERR_RPC:
      return kLibvirtSilent;
    case VIR_ERR_SYSTEM_ERROR:
      // From the transport: no socket, connection refused, broken pipe.
      return error.domain == VIR_FROM_RPC || error.domain == VIR_FROM_REMOTE ? kLibvirtSilent : 0;
    case VIR_ERR_NO_SUPPORT:
    case VIR_ERR_OPERATION_UNSUPPORTED:
    case VIR_ERR_ARGUMENT_UNSUPPORTED:
      return kNotSupported;
    default:
      return 0;
  }
}

Error LibvirtError(const std::string& doing) {
  const virError* error = virGetLastError();
  std::string reason =
      error == nullptr || error->message == nullptr ? "libvirt gave no reason" : error->message;
  while (!reason.empty() && reason.back() == '\n') reason.pop_back();
  return Error{"cannot " + doing + ": " + reason, error == nullptr ? 0 : CodeOf(*error)};
}

std::string TakeText(char* text) {
  const std::unique_ptr<char, void (*)(void*)> owner(text, std::free);
  return text;
}

}  // namespace

Result<std::unique_ptr<Machine>> LibvirtMachine::Open(const std::string& uri,
                                                      const std::string& domain) {
  virSetErrorFunc(nullptr, IgnoreReport);
  auto machine = std::make_unique<LibvirtMachine>(uri, domain);
  if (Status connected = machine->Connect(); !connected.ok()) return connected.error();
  return std::unique_ptr<Machine>(std::move(machine));
}

Status LibvirtMachine::Connect() {
  if (connection_ != nullptr && virConnectIsAlive(connection_.get()) == 1) return Done{};
  connection_.reset();
  connection_.reset(virConnectOpen(uri_.c_str()));
  if (connection_ != nullptr) return Done{};
  Error error = LibvirtError("connect to " + uri_);
  error.code = kLibvirtSilent;
  return error;
}

Result<LibvirtMachine::Domain> LibvirtMachine::Find() {
  if (Status connected = Connect(); !connected.ok()) return connected.error();
  Domain domain(virDomainLookupByName(connection_.get(), name_.c_str()), virDomainFree);
  if (domain == nullptr) return LibvirtError("find the domain " + name_);
  const int active = virDomainIsActive(domain.get());
  if (active < 0) return LibvirtError("ask whether the domain " + name_ + " runs");
  if (active == 0) return Error{"the domain " + name_ + " does not run; start it", kMachineGone};
  return domain;
}

Result<MachineIdentity> LibvirtMachine::Identity() {
  Result<Domain> domain = Find();
  if (!domain.ok()) return domain.error();
  char uuid[VIR_UUID_STRING_BUFLEN] = "";
  if (virDomainGetUUIDString(domain->get(), uuid) != 0) {
    return LibvirtError("read the UUID of " + name_);
  }
  return MachineIdentity{uuid, static_cast<int>(virDomainGetID(domain->get()))};
}

Result<std::string> LibvirtMachine::LiveXml(const Domain& domain) {
  char* xml = virDomainGetXMLDesc(domain.get(), VIR_DOMAIN_XML_SECURE);
  if (xml == nullptr) return LibvirtError("read the XML of " + name_);
  return TakeText(xml);
}

Result<DomainDevices> LibvirtMachine::Devices() {
  Result<Domain> domain = Find();
  if (!domain.ok()) return domain.error();
  Result<std::string> xml = LiveXml(*domain);
  if (!xml.ok()) return xml.error();
  return ParseDomainDevices(*xml);
}

Result<Tuning> LibvirtMachine::CpuTuning() {
  Result<Domain> domain = Find();
  if (!domain.ok()) return domain.error();
  int count = 0;
  const std::unique_ptr<char, void (*)(void*)> type(
      virDomainGetSchedulerType(domain->get(), &count), std::free);
  TypedParameters parameters(count);
  if (type == nullptr || virDomainGetSchedulerParametersFlags(domain->get(), parameters.data(),
                                                              parameters.count(), kLive) != 0) {
    return LibvirtError("read the CPU limits of " + name_);
  }
  return parameters.Numbers();
}

Status LibvirtMachine::SetCpuTuning(const Tuning& tuning) {
  Result<Domain> domain = Find();
  if (!domain.ok()) return domain.error();
  TypedParameters parameters;
  for (const auto& [name, value] : tuning) {
    // Libvirt's types are strict: quotas have a sign, for -1 is none.
    const bool has_sign = name.ends_with("_quota");
    parameters.Add(name, value, has_sign ? VIR_TYPED_PARAM_LLONG : VIR_TYPED_PARAM_ULLONG);
  }
  if (virDomainSetSchedulerParametersFlags(domain->get(), parameters.data(), *parameters.count(),
                                           kLive) == 0) {
    return Done{};
  }
  return LibvirtError("limit the CPUs of " + name_);
}

Result<Tuning> LibvirtMachine::DiskTuning(const std::string& disk) {
  Result<Domain> domain = Find();
  if (!domain.ok()) return domain.error();
  int count = 0;
  if (virDomainGetBlockIoTune(domain->get(), disk.c_str(), nullptr, &count, kLive) != 0) {
    return LibvirtError("read the limits of disk " + disk + " of " + name_);
  }
  TypedParameters parameters(count);
  if (virDomainGetBlockIoTune(domain->get(), disk.c_str(), parameters.data(), parameters.count(),
                              kLive) != 0) {
    return LibvirtError("read the limits of disk " + disk + " of " + name_);
  }
  return parameters.Numbers();
}

Status LibvirtMachine::SetDiskTuning(const std::string& disk, const Tuning& tuning) {
  Result<Domain> domain = Find();
  if (!domain.ok()) return domain.error();
  TypedParameters parameters;
  for (const auto& [name, value] : tuning) parameters.Add(name, value, VIR_TYPED_PARAM_ULLONG);
  if (virDomainSetBlockIoTune(domain->get(), disk.c_str(), parameters.data(), *parameters.count(),
                              kLive) == 0) {
    return Done{};
  }
  return LibvirtError("limit disk " + disk + " of " + name_);
}

Result<Tuning> LibvirtMachine::NicTuning(const std::string& mac) {
  Result<Domain> domain = Find();
  if (!domain.ok()) return domain.error();
  int count = 0;
  if (virDomainGetInterfaceParameters(domain->get(), mac.c_str(), nullptr, &count, kLive) != 0) {
    return LibvirtError("read the limits of network card " + mac + " of " + name_);
  }
  TypedParameters parameters(count);
  if (virDomainGetInterfaceParameters(domain->get(), mac.c_str(), parameters.data(),
                                      parameters.count(), kLive) != 0) {
    return LibvirtError("read the limits of network card " + mac + " of " + name_);
  }
  return parameters.Numbers();
}

Status LibvirtMachine::SetNicTuning(const std::string& mac, const Tuning& tuning) {
  Result<Domain> domain = Find();
  if (!domain.ok()) return domain.error();
  TypedParameters parameters;
  for (const auto& [name, value] : tuning) parameters.Add(name, value, VIR_TYPED_PARAM_UINT);
  if (virDomainSetInterfaceParameters(domain->get(), mac.c_str(), parameters.data(),
                                      *parameters.count(), kLive) == 0) {
    return Done{};
  }
  return LibvirtError("limit network card " + mac + " of " + name_);
}

Status LibvirtMachine::SetLinkState(const std::string& mac, const std::string& state) {
  Result<Domain> domain = Find();
  if (!domain.ok()) return domain.error();
  Result<std::string> xml = LiveXml(*domain);
  if (!xml.ok()) return xml.error();
  Result<std::string> interface = InterfaceXml(*xml, mac, state);
  if (!interface.ok()) return interface.error();
  if (virDomainUpdateDeviceFlags(domain->get(), interface->c_str(),
                                 VIR_DOMAIN_DEVICE_MODIFY_LIVE) == 0) {
    return Done{};
  }
  return LibvirtError("set the link of network card " + mac + " of " + name_);
}

Result<RunState> LibvirtMachine::State() {
  Result<Domain> domain = Find();
  if (!domain.ok()) return domain.error();
  int state = 0;
  int reason = 0;
  if (virDomainGetState(domain->get(), &state, &reason, 0) != 0) {
    return LibvirtError("read the state of " + name_);
  }
  if (state == VIR_DOMAIN_RUNNING || state == VIR_DOMAIN_BLOCKED) return RunState::kRunning;
  const bool by_user = state == VIR_DOMAIN_PAUSED && reason == VIR_DOMAIN_PAUSED_USER;
  return by_user ? RunState::kPausedByUser : RunState::kOther;
}

Status LibvirtMachine::Suspend() {
  Result<Domain> domain = Find();
  if (!domain.ok()) return domain.error();
  if (virDomainSuspend(domain->get()) == 0) return Done{};
  return LibvirtError("pause " + name_);
}

Status LibvirtMachine::Resume() {
  Result<Domain> domain = Find();
  if (!domain.ok()) return domain.error();
  if (virDomainResume(domain->get()) == 0) return Done{};
  return LibvirtError("resume " + name_);
}

Result<std::string> LibvirtMachine::MonitorText(const std::string& command, unsigned int flags) {
  Result<Domain> domain = Find();
  if (!domain.ok()) return domain.error();
  char* answer = nullptr;
  if (virDomainQemuMonitorCommand(domain->get(), command.c_str(), &answer, flags) != 0) {
    return LibvirtError("ask QEMU's monitor of " + name_);
  }
  return TakeText(answer);
}

Result<json> LibvirtMachine::Monitor(const std::string& command, const json& arguments) {
  json question = {{"execute", command}};
  if (!arguments.empty()) question["arguments"] = arguments;
  Result<std::string> answer = MonitorText(question.dump(), 0);
  if (!answer.ok()) return answer.error();
  const json object = json::parse(*answer, nullptr, false);
  if (!object.is_object()) return Error{"QEMU's monitor answered nonsense to " + command};
  if (object.contains("return")) return object.at("return");
  const json error = object.value("error", json::object());
  const bool has_text = error.is_object() && error.contains("desc") && error["desc"].is_string();
  return Error{"QEMU refused " + command + ": " +
               (has_text ? error["desc"].get<std::string>() : object.dump())};
}

Result<std::string> LibvirtMachine::HumanMonitor(const std::string& line) {
  return MonitorText(line, VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP);
}

}  // namespace grayling::vmfault

#include "daemon/vm/libvirt_hypervisor.h"

#include <libvirt/libvirt-qemu.h>

#include <algorithm>
#include <cstdlib>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "daemon/vm/domain_xml.h"
#include "daemon/vm/libvirt_error.h"

namespace grayling {
namespace {

// Without a handler libvirt prints every error to stderr; here each one becomes a status.
void IgnoreReport(void*, virErrorPtr) {}

std::string VersionText(unsigned long version) {
  return absl::StrCat(version / 1000000, ".", version / 1000 % 1000, ".", version % 1000);
}

DomainState StateOf(int state) {
  switch (state) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
    case VIR_DOMAIN_SHUTDOWN:  // still running, on its way down
      return DomainState::kRunning;
    case VIR_DOMAIN_PAUSED:
    case VIR_DOMAIN_PMSUSPENDED:
      return DomainState::kPaused;
    case VIR_DOMAIN_CRASHED:
      return DomainState::kCrashed;
    default:
      return DomainState::kShutOff;
  }
}

// The longest pause of vm.pause, whose period is at most 10 s.
constexpr absl::Duration kPausePatience = absl::Seconds(10);
constexpr absl::Duration kBetweenTries = absl::Milliseconds(20);

absl::Status RefuseActive(virDomainPtr domain, absl::string_view id, absl::string_view doing) {
  if (virDomainIsActive(domain) != 1) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("domain ", id, " is running; stop it before ", doing, " it"));
}

}  // namespace

LibvirtHypervisor::LibvirtHypervisor(std::string uri) : uri_(std::move(uri)) {
  virSetErrorFunc(nullptr, IgnoreReport);
}

absl::StatusOr<std::unique_ptr<LibvirtHypervisor>> LibvirtHypervisor::Create(std::string uri) {
  auto hypervisor = std::make_unique<LibvirtHypervisor>(std::move(uri));
  GRAYLING_RETURN_IF_ERROR(hypervisor->Connect().status());
  return hypervisor;
}

absl::StatusOr<LibvirtHypervisor::Connection> LibvirtHypervisor::Connect() {
  absl::MutexLock lock(&mutex_);
  if (connection_ != nullptr) return connection_;
  virConnectPtr opened = virConnectOpen(uri_.c_str());
  if (opened == nullptr) {
    const absl::Status status = LastLibvirtStatus(absl::StrCat("connect to ", uri_));
    if (!absl::IsUnavailable(status)) return status;
    return absl::UnavailableError(
        absl::StrCat(status.message(), "; start libvirtd and virtlogd, then try again"));
  }
  connection_ = Connection(opened, virConnectClose);
  return connection_;
}

void LibvirtHypervisor::Drop(const Connection& dead) {
  absl::MutexLock lock(&mutex_);
  if (connection_ == dead) connection_ = nullptr;
}

absl::Status LibvirtHypervisor::WithConnection(
    const std::function<absl::Status(virConnectPtr)>& call) {
  GRAYLING_ASSIGN_OR_RETURN(Connection connection, Connect());
  absl::Status status = call(connection.get());
  if (status.ok() || virConnectIsAlive(connection.get()) == 1) return status;
  Drop(connection);
  GRAYLING_ASSIGN_OR_RETURN(connection, Connect());
  return call(connection.get());
}

absl::StatusOr<LibvirtHypervisor::Domain> LibvirtHypervisor::Find(const std::string& id) {
  Domain domain(nullptr, virDomainFree);
  GRAYLING_RETURN_IF_ERROR(WithConnection([&](virConnectPtr connection) {
    domain.reset(virDomainLookupByName(connection, id.c_str()));
    if (domain != nullptr) return absl::OkStatus();
    const virError* error = virGetLastError();
    if (error != nullptr && error->code == VIR_ERR_NO_DOMAIN) {
      return absl::NotFoundError(absl::StrCat("the hypervisor has no domain named '", id, "'"));
    }
    return LibvirtStatus(absl::StrCat("find domain ", id), error);
  }));
  return domain;
}

absl::StatusOr<std::string> LibvirtHypervisor::Describe() {
  std::string description;
  GRAYLING_RETURN_IF_ERROR(WithConnection([&](virConnectPtr connection) {
    unsigned long version = 0;
    const char* driver = virConnectGetType(connection);
    if (driver == nullptr || virConnectGetLibVersion(connection, &version) < 0) {
      return LastLibvirtStatus(absl::StrCat("ask ", uri_, " for its version"));
    }
    description = absl::StrCat("libvirt ", VersionText(version), ", ", driver, ", ", uri_);
    return absl::OkStatus();
  }));
  return description;
}

absl::Status LibvirtHypervisor::Define(const VmDefinition& definition) {
  GRAYLING_ASSIGN_OR_RETURN(std::string domain_type, DomainTypeOf(definition.accelerator));
  // A redefinition must carry the UUID of what it replaces.
  char uuid[VIR_UUID_STRING_BUFLEN] = "";
  const absl::StatusOr<Domain> existing = Find(definition.id);
  if (!existing.ok() && !absl::IsNotFound(existing.status())) return existing.status();
  if (existing.ok()) {
    GRAYLING_RETURN_IF_ERROR(RefuseActive(existing->get(), definition.id, "redefining"));
    if (virDomainGetUUIDString(existing->get(), uuid) < 0) {
      return LastLibvirtStatus(absl::StrCat("read the UUID of domain ", definition.id));
    }
  }
  return WithConnection([&](virConnectPtr connection) -> absl::Status {
    const char* driver = virConnectGetType(connection);
    if (driver != nullptr && absl::string_view(driver) == "TEST") domain_type = "test";
    GRAYLING_ASSIGN_OR_RETURN(const std::string xml, DomainXml(definition, domain_type, uuid));
    const Domain domain(virDomainDefineXML(connection, xml.c_str()), virDomainFree);
    if (domain != nullptr) return absl::OkStatus();
    return LastLibvirtStatus(absl::StrCat("define domain ", definition.id));
  });
}

absl::Status LibvirtHypervisor::Undefine(const std::string& id) {
  GRAYLING_ASSIGN_OR_RETURN(const Domain domain, Find(id));
  // libvirt itself would let it run on as a transient domain that nobody owns.
  GRAYLING_RETURN_IF_ERROR(RefuseActive(domain.get(), id, "undefining"));
  if (virDomainUndefine(domain.get()) == 0) return absl::OkStatus();
  return LastLibvirtStatus(absl::StrCat("undefine domain ", id));
}

absl::StatusOr<std::vector<std::string>> LibvirtHypervisor::List() {
  std::vector<std::string> names;
  GRAYLING_RETURN_IF_ERROR(WithConnection([&](virConnectPtr connection) {
    virDomainPtr* domains = nullptr;
    const int count = virConnectListAllDomains(connection, &domains, 0);
    if (count < 0) return LastLibvirtStatus("list domains");
    for (int i = 0; i < count; ++i) {
      const Domain domain(domains[i], virDomainFree);
      names.emplace_back(virDomainGetName(domain.get()));
    }
    free(domains);
    return absl::OkStatus();
  }));
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<DomainState> LibvirtHypervisor::State(const std::string& id) {
  GRAYLING_ASSIGN_OR_RETURN(const Domain domain, Find(id));
  int state = VIR_DOMAIN_NOSTATE;
  if (virDomainGetState(domain.get(), &state, nullptr, 0) == 0) return StateOf(state);
  return LastLibvirtStatus(absl::StrCat("read the state of domain ", id));
}

absl::Status LibvirtHypervisor::Start(const std::string& id) {
  GRAYLING_ASSIGN_OR_RETURN(const Domain domain, Find(id));
  // libvirt's drivers have different codes for this.
  if (virDomainIsActive(domain.get()) == 1) {
    return absl::FailedPreconditionError(absl::StrCat("domain ", id, " is running already"));
  }
  if (virDomainCreate(domain.get()) == 0) return absl::OkStatus();
  return LastLibvirtStatus(absl::StrCat("start domain ", id));
}

absl::Status LibvirtHypervisor::Shutdown(const std::string& id) {
  GRAYLING_ASSIGN_OR_RETURN(const Domain domain, Find(id));
  if (virDomainShutdown(domain.get()) == 0) return absl::OkStatus();
  return LastLibvirtStatus(absl::StrCat("shut down domain ", id));
}

absl::Status LibvirtHypervisor::Destroy(const std::string& id) {
  GRAYLING_ASSIGN_OR_RETURN(const Domain domain, Find(id));
  if (virDomainDestroy(domain.get()) == 0) return absl::OkStatus();
  return LastLibvirtStatus(absl::StrCat("destroy domain ", id));
}

std::shared_ptr<absl::Mutex> LibvirtHypervisor::AgentLock(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<absl::Mutex>& agent_lock = agent_locks_[id];
  if (agent_lock == nullptr) agent_lock = std::make_shared<absl::Mutex>();
  return agent_lock;
}

absl::StatusOr<std::string> LibvirtHypervisor::AgentCommand(const std::string& id,
                                                            const std::string& json,
                                                            absl::Duration timeout) {
  GRAYLING_ASSIGN_OR_RETURN(const Domain domain, Find(id));
  const std::shared_ptr<absl::Mutex> agent_lock = AgentLock(id);
  absl::MutexLock lock(agent_lock.get());
  const auto seconds = static_cast<int>(std::clamp<int64_t>(
      absl::ToInt64Seconds(absl::Ceil(timeout, absl::Seconds(1))), 1, 24 * 3600));
  const absl::Time start = absl::Now();
  absl::Status status;
  while (true) {
    char* answer = virDomainQemuAgentCommand(domain.get(), json.c_str(), seconds, 0);
    if (answer != nullptr) {
      const absl::Cleanup release = [answer] { free(answer); };
      return std::string(answer);
    }
    const int code = virGetLastErrorCode();
    status = LastLibvirtStatus(absl::StrCat("ask the guest agent of ", id));
    if (code == VIR_ERR_RPC && virConnectIsAlive(virDomainGetConnect(domain.get())) == 1) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the guest agent's answer is too long for libvirt (4 MiB); ask for less"));
    }
    // Libvirt refuses at once while the domain is paused; a pause of vm.pause is over soon.
    const bool has_time = absl::Now() - start < std::min(timeout, kPausePatience);
    if (code != VIR_ERR_OPERATION_INVALID || !has_time || virDomainIsActive(domain.get()) != 1) {
      break;
    }
    absl::SleepFor(kBetweenTries);
  }
  // libvirt 9 has one code for "no agent" and "agent too slow": only the clock tells them apart.
  if (absl::IsUnavailable(status) && absl::Now() - start >= absl::Seconds(seconds)) {
    return absl::DeadlineExceededError(
        absl::StrCat("the guest agent of ", id, " did not answer within ", seconds, " s"));
  }
  if (absl::IsFailedPrecondition(status)) return absl::UnavailableError(status.message());
  return status;
}

}  // namespace grayling

#pragma once

#include <libvirt/libvirt.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/vm/hypervisor.h"

namespace grayling {

// Hypervisor on libvirt: qemu:///system for real guests, test:///default without any.
// One connection is kept open; when libvirt's daemon has died or restarted it is opened anew on the
// next call (the program must ignore SIGPIPE: libvirt writes to its dead socket). Thread-safe.
// Agent commands to one domain wait for each other; to several they do not.
class LibvirtHypervisor final : public Hypervisor {
 public:
  // Connects on first use.
  explicit LibvirtHypervisor(std::string uri);
  // Connects now. UNAVAILABLE, with what to start, when libvirt's daemon does not answer.
  static absl::StatusOr<std::unique_ptr<LibvirtHypervisor>> Create(std::string uri);

  absl::StatusOr<std::string> Describe() override;
  absl::Status Define(const VmDefinition& definition) override;
  // FAILED_PRECONDITION when it is running.
  absl::Status Undefine(const std::string& id) override;
  // Sorted.
  absl::StatusOr<std::vector<std::string>> List() override;
  absl::StatusOr<DomainState> State(const std::string& id) override;
  absl::Status Start(const std::string& id) override;
  absl::Status Shutdown(const std::string& id) override;
  absl::Status Destroy(const std::string& id) override;
  // `timeout` is rounded up to whole seconds (libvirt's unit), at least 1 s. A domain that is not
  // running is UNAVAILABLE: its agent does not answer; a paused one is waited for (up to `timeout`
  // and 10 s), since it may be paused for a moment only. An agent that answers with an error is
  // INTERNAL with the agent's text; an answer beyond 4 MiB is RESOURCE_EXHAUSTED.
  absl::StatusOr<std::string> AgentCommand(const std::string& id, const std::string& json,
                                           absl::Duration timeout) override;

 private:
  using Connection = std::shared_ptr<virConnect>;
  using Domain = std::unique_ptr<virDomain, int (*)(virDomainPtr)>;

  absl::StatusOr<Connection> Connect();
  // Forgets `dead` so that the next Connect() opens anew.
  void Drop(const Connection& dead);
  // Runs `call`; once more on a fresh connection when the old one turns out to be dead. `call` must
  // be safe to repeat.
  absl::Status WithConnection(const std::function<absl::Status(virConnectPtr)>& call);
  absl::StatusOr<Domain> Find(const std::string& id);
  std::shared_ptr<absl::Mutex> AgentLock(const std::string& id);

  const std::string uri_;
  absl::Mutex mutex_;
  Connection connection_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<absl::Mutex>> agent_locks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

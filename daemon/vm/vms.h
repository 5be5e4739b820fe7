#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "daemon/store/records.h"
#include "daemon/vm/hypervisor.h"

namespace grayling {

// A VM as it is now.
struct VmStatus {
  VmDefinition definition;
  DomainState state = DomainState::kShutOff;
  bool agent_answers = false;
};

// The VMs that this daemon owns: their definitions are in the store (collection "vms"), their
// domains in the hypervisor. Domains that it did not define stay invisible. Thread-safe; the waits
// of Start and Stop hold no lock.
class Vms {
 public:
  // Tells people what is being waited for.
  using Step = std::function<void(std::string)>;

  Vms(Hypervisor& hypervisor, RecordStore& records, Clock& clock)
      : hypervisor_(hypervisor), records_(records), clock_(clock) {}

  // Defines or redefines; the answer carries the host ports that were chosen. INVALID_ARGUMENT
  // (CheckDefinition), NOT_FOUND naming the file that is missing, FAILED_PRECONDITION when the VM
  // runs.
  absl::StatusOr<VmStatus> Define(VmDefinition definition);
  // `name` is vms/<id>, here and below. NOT_FOUND when this daemon has no such VM.
  absl::StatusOr<VmDefinition> Find(const std::string& name);
  // Find, and how it is doing now: asks the hypervisor and the guest agent (up to 2 s).
  absl::StatusOr<VmStatus> Get(const std::string& name);
  // Oldest first.
  absl::StatusOr<std::vector<VmStatus>> List();

  // Boots and returns when the guest agent answers. A VM that runs already is only waited for.
  // DEADLINE_EXCEEDED, naming the console log, after `agent_timeout`; CANCELLED when `stop` is
  // notified (the VM boots on); FAILED_PRECONDITION when the guest goes down while booting or a
  // host port of a forward is taken.
  absl::Status Start(const std::string& name, absl::Duration agent_timeout,
                     const absl::Notification& stop, const Step& step);
  // Asks the guest to power off, and pulls the plug after `grace` or when `stop` is notified.
  // A VM that does not run is a success.
  absl::Status Stop(const std::string& name, absl::Duration grace, const absl::Notification& stop,
                    const Step& step);
  // Undefines and forgets; files stay. FAILED_PRECONDITION when it runs.
  absl::Status Delete(const std::string& name);

 private:
  absl::StatusOr<VmStatus> StatusOf(VmDefinition definition);
  absl::Status ChoosePorts(VmDefinition& definition);
  absl::Status WaitForAgent(const VmDefinition& definition, absl::Duration timeout,
                            const absl::Notification& stop);
  absl::Status AgentAnswers(const std::string& id);

  Hypervisor& hypervisor_;
  RecordStore& records_;
  Clock& clock_;
  // One definition at a time: two of them must not choose the same port.
  absl::Mutex define_mutex_;
};

}  // namespace grayling

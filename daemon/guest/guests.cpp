#include "daemon/guest/guests.h"

#include "base/status_macros.h"
#include "daemon/guest/agent_executor.h"
#include "daemon/vm/hypervisor.h"
#include "daemon/vm/vm_record.h"

namespace grayling {

AgentGuests::~AgentGuests() = default;

absl::StatusOr<Executor*> AgentGuests::ExecutorOf(const std::string& vm) {
  GRAYLING_ASSIGN_OR_RETURN(const std::string id, VmIdOf(vm));
  // Asked each time: a domain may be gone since. Its executor stays, for somebody may be using it.
  GRAYLING_RETURN_IF_ERROR(hypervisor_.State(id).status());
  absl::MutexLock lock(&mutex_);
  std::unique_ptr<Executor>& executor = executors_[vm];
  if (executor == nullptr) executor = std::make_unique<AgentExecutor>(hypervisor_, id, clock_);
  return executor.get();
}

absl::StatusOr<std::vector<std::string>> AgentGuests::RunningVms() {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<std::string> ids, hypervisor_.List());
  std::vector<std::string> running;
  for (const std::string& id : ids) {
    const absl::StatusOr<DomainState> state = hypervisor_.State(id);
    if (state.ok() && *state == DomainState::kRunning) running.push_back(VmName(id));
  }
  return running;
}

}  // namespace grayling

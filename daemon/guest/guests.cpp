#include "daemon/guest/guests.h"

#include "base/status_macros.h"
#include "daemon/guest/agent_executor.h"
#include "daemon/vm/hypervisor.h"
#include "daemon/vm/vm_record.h"

namespace grayling {

AgentGuests::~AgentGuests() = default;

absl::StatusOr<Executor*> AgentGuests::ExecutorOf(const std::string& vm) {
  GRAYLING_ASSIGN_OR_RETURN(const std::string id, VmIdOf(vm));
  absl::MutexLock lock(&mutex_);
  std::unique_ptr<Executor>& executor = executors_[vm];
  if (executor == nullptr) {
    const absl::Status known = hypervisor_.State(id).status();
    if (!known.ok()) {
      executors_.erase(vm);
      return known;
    }
    executor = std::make_unique<AgentExecutor>(hypervisor_, id, clock_);
  }
  return executor.get();
}

}  // namespace grayling

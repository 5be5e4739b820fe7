#include "daemon/guest/abandoned_processes.h"

#include <signal.h>
#include <sys/wait.h>

namespace grayling {

AbandonedProcesses::~AbandonedProcesses() {
  for (const pid_t child : children_) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
}

void AbandonedProcesses::Adopt(pid_t child) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(children_, [](pid_t pid) { return waitpid(pid, nullptr, WNOHANG) != 0; });
  children_.push_back(child);
}

}  // namespace grayling

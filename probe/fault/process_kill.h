#pragma once

#include <string>

#include "probe/containers/docker_api.h"
#include "probe/fault/effect.h"
#include "probe/fault/process_identity.h"

namespace grayling::probe {

// Sends a signal to one process of the container: the one that is named, or the first. The fault
// then lasts until its time although the container may be gone; at its end the container runs
// again, started through Docker unless a restart policy was faster.
class ProcessKill final : public Effect {
 public:
  explicit ProcessKill(FaultOrder order, std::string docker_socket = kDockerSocket);

  Result<std::map<std::string, std::string>> ReadEarlier() override;
  Result<ReadBack> Apply() override;
  Status SetShare(double) override { return Error{"process.kill has no intensity to change"}; }
  Status StillThere() override { return Done{}; }
  bool EndsWithItsContainer() const override { return false; }
  Status Revert() override;

 private:
  Result<pid_t> Find(const std::string& name) const;
  Result<ContainerState> AskDocker() const;
  // Whether Docker says so and the process really lives.
  Result<bool> Runs() const;
  Status Restart(const std::string& verb) const;  // start | restart

  FaultOrder order_;
  std::string docker_socket_;
};

// Whether a process does nothing at all when it gets this signal: it ignores it, or it is the first
// of its process namespace and has no handler. `status` is its /proc/PID/status.
bool Ignores(const std::string& status, int signal_number);

}  // namespace grayling::probe

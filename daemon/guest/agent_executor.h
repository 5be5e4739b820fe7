#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "daemon/guest/executor.h"
#include "daemon/vm/hypervisor.h"

namespace grayling {

// Runs programs in a guest through the QEMU guest agent (guest-exec, guest-exec-status). Needs no
// network in the guest. Thread-safe.
//
// The agent reports the end of a program only when its output is closed as well: a program that
// leaves a child behind must give that child other outputs. A program killed by signal n has exit
// code 128 + n, as in a shell. Up to about 3 MB of output: beyond, RESOURCE_EXHAUSTED.
class AgentExecutor final : public Executor {
 public:
  AgentExecutor(Hypervisor& hypervisor, std::string domain_id, Clock& clock)
      : hypervisor_(hypervisor), domain_id_(std::move(domain_id)), clock_(clock) {}

  absl::StatusOr<ExecResult> Run(const std::vector<std::string>& argv,
                                 absl::Duration timeout) override;
  absl::StatusOr<ExecResult> RunUnlessCancelled(const std::vector<std::string>& argv,
                                                absl::Duration timeout,
                                                const std::function<bool()>& is_cancelled) override;

 private:
  Hypervisor& hypervisor_;
  const std::string domain_id_;
  Clock& clock_;
};

}  // namespace grayling

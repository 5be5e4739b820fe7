#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "daemon/guest/executor.h"

namespace grayling {

class Hypervisor;

// Finds the executor that reaches into a VM. The one place that knows which kind a VM has.
// Thread-safe.
class Guests {
 public:
  virtual ~Guests() = default;
  // `vm` is a resource name, vms/lab. INVALID_ARGUMENT for another shape of name, NOT_FOUND for a
  // VM that the hypervisor does not have (any more); whether the guest answers shows in the
  // executor's Run. The pointer lives as long as this object.
  virtual absl::StatusOr<Executor*> ExecutorOf(const std::string& vm) = 0;
  // Names of all VMs that run now, whoever defined them, sorted. UNAVAILABLE when nobody knows.
  virtual absl::StatusOr<std::vector<std::string>> RunningVms() = 0;
};

// Reaches every VM through its guest agent.
class AgentGuests final : public Guests {
 public:
  explicit AgentGuests(Hypervisor& hypervisor) : hypervisor_(hypervisor) {}
  ~AgentGuests() override;
  absl::StatusOr<Executor*> ExecutorOf(const std::string& vm) override;
  absl::StatusOr<std::vector<std::string>> RunningVms() override;

 private:
  Hypervisor& hypervisor_;
  SystemClock clock_;
  absl::Mutex mutex_;
  std::map<std::string, std::unique_ptr<Executor>> executors_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling

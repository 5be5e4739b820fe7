#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "daemon/guest/executor.h"
#include "daemon/guest/guests.h"

namespace grayling {

// A guest in which only grayling-probe exists, and cat for the boot's id, as its documentation says it behaves: marks with a
// timer of their own, ends told with their true instant, unknown marks refused. Its misbehaviours
// can be switched on one by one. Thread-safe.
class FakeProbeExecutor final : public Executor {
 public:
  struct Misbehaviour {
    bool is_unreachable = false;
    bool applies_without_effect = false;     // says ok, reads back nothing
    bool burns_too_little = false;           // of a CPU load: echoes the order, measures a tenth
    bool refuses_to_apply = false;           // "ok": false, exit code 1
    bool loses_the_answer_of_apply = false;  // applied, but the call times out
    bool loses_the_order_to_apply = false;   // the call times out before anything happened
    bool leaves_residue = false;
    bool answers_nonsense = false;
    bool tells_ends_of_another_age = false;  // far before the fault
  };

  // `guest_ahead_by` is the guest's clock minus the host's.
  FakeProbeExecutor(Clock& clock, absl::Duration guest_ahead_by)
      : clock_(clock), guest_ahead_by_(guest_ahead_by) {}

  absl::StatusOr<ExecResult> Run(const std::vector<std::string>& argv,
                                 absl::Duration timeout) override;

  void Misbehave(const Misbehaviour& misbehaviour);
  // All marks are in a tmpfs: they are gone after a boot.
  void Reboot();
  // As Docker tells it: healthy, unhealthy, starting, none; "gone": it does not run.
  void SetHealth(const std::string& service, const std::string& health);
  void PlantMark(const std::string& id);
  void MoveClock(absl::Duration by);
  // Called in each apply before it is answered; the journal can be looked at there.
  void OnApply(std::function<void(const std::vector<std::string>&)> callback);

  std::vector<std::string> LiveMarks();
  std::vector<std::vector<std::string>> Commands();

 private:
  struct Mark {
    std::string kind;
    absl::Time ends = absl::InfiniteFuture();   // by its own timer, host's clock
    absl::Time ended = absl::InfiniteFuture();  // host's clock
  };

  ExecResult Apply(const std::vector<std::string>& argv) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  ExecResult Revert(const std::string& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  ExecResult Containers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  ExecResult List() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Lets timers that are due end their marks.
  void RunTimers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int64_t GuestNanoseconds(absl::Time host) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  absl::Mutex mutex_;
  absl::Duration guest_ahead_by_ ABSL_GUARDED_BY(mutex_);
  Misbehaviour misbehaviour_ ABSL_GUARDED_BY(mutex_);
  std::function<void(const std::vector<std::string>&)> on_apply_ ABSL_GUARDED_BY(mutex_);
  int boots_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<std::string, std::string> health_ ABSL_GUARDED_BY(mutex_);  // of those that were set
  std::map<std::string, Mark> marks_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::vector<std::string>> commands_ ABSL_GUARDED_BY(mutex_);
};

// One VM, vms/lab, reached through the fake.
class OneGuest final : public Guests {
 public:
  explicit OneGuest(Executor& executor) : executor_(executor) {}
  absl::StatusOr<Executor*> ExecutorOf(const std::string& vm) override {
    if (vm == "vms/lab" && !is_gone) return &executor_;
    return absl::NotFoundError("there is no VM " + vm);
  }
  absl::StatusOr<std::vector<std::string>> RunningVms() override {
    if (hypervisor_is_down) return absl::UnavailableError("libvirtd does not answer");
    return is_gone ? std::vector<std::string>{} : std::vector<std::string>{"vms/lab"};
  }

  bool is_gone = false;  // undefined meanwhile
  bool hypervisor_is_down = false;

 private:
  Executor& executor_;
};

}  // namespace grayling

#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "vmfault/machine.h"

namespace grayling::vmfault {

// Pauses and resumes a VM again and again, in a thread and on a connection of its own, until
// destroyed. The schedule is absolute, so lateness does not add up. Stops by itself, with a
// problem, when somebody else pauses or resumes the VM. Thread-safe.
class PausePulses {
 public:
  // The first period begins now; `is_paused`: its pause has begun already.
  PausePulses(std::unique_ptr<Machine> machine, std::chrono::milliseconds period, double duty,
              bool is_paused);
  // Ends the thread and leaves the VM as it is at that moment.
  ~PausePulses();
  PausePulses(const PausePulses&) = delete;
  PausePulses& operator=(const PausePulses&) = delete;

  // The part of a period that is a pause, 0 to 1; from the next period on.
  void SetDuty(double duty);
  // An error once the pulses have stopped by themselves.
  Status Problem() const;
  // Ends the thread. Returns whether the VM stands still through us.
  bool StopAndTellWhetherPaused();

 private:
  using Clock = std::chrono::steady_clock;

  void Run();
  // Each tells whether the thread goes on.
  bool WaitUntil(Clock::time_point when);
  bool Pause();
  bool Resume();
  bool Stop(const std::string& why);
  // Asks until libvirt answers; std::nullopt when it is time to stop.
  std::optional<Result<RunState>> AskState();
  double duty() const;

  const std::unique_ptr<Machine> machine_;
  const std::chrono::milliseconds period_;
  const Clock::time_point start_ = Clock::now();

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  double duty_;
  bool is_paused_;
  bool must_stop_ = false;
  std::string problem_;

  std::thread thread_;
};

}  // namespace grayling::vmfault

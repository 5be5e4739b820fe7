#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "probe/fault/effect.h"
#include "probe/fault/standstill.h"
#include "probe/kernel/shared_memory.h"

namespace grayling::probe {

// What the pacing process and its keeper tell each other.
struct PauseState {
  std::atomic<double> duty{0};                     // 0..1: part of each period in which they stand
  std::atomic<std::uint64_t> standstills_seen{0};  // read back from the kernel
};

// Makes the container's processes stand still for `duty_percent` of each period. A process of ours,
// outside the container's cgroup, does the pacing and dies with the keeper; whoever takes the fault
// back ends it first. 100 percent: they stand the whole time.
class ProcessPause final : public Effect {
 public:
  explicit ProcessPause(FaultOrder order);

  Result<std::map<std::string, std::string>> ReadEarlier() override;
  Result<ReadBack> Apply() override;
  Status SetShare(double share) override;
  Status StillThere() override;
  Status Revert() override;

 private:
  bool UsesFreezer() const { return order_.Option("method") != "signal"; }
  std::unique_ptr<Standstill> Method() const;
  Status StartPacer();
  Status WaitForOneStandstill() const;

  FaultOrder order_;
  std::string pacer_name_;
  pid_t pacer_ = 0;
  SharedMemory<PauseState> state_;
};

// Stops and goes for ever, on a grid of its own.
[[noreturn]] void PaceForEver(Standstill& standstill, PauseState& state, std::int64_t period_ns);

}  // namespace grayling::probe

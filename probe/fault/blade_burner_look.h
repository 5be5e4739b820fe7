#pragma once

#include <string>
#include <vector>

#include "probe/fault/blade_look.h"
#include "probe/fault/blade_processes.h"

namespace grayling::probe {

// Experiments that blade makes with a process of its own: it must live, with our uid on its command
// line, inside the container's cgroup, and do there what was asked for.
class BladeBurnerLook : public BladeLook {
 public:
  BladeBurnerLook(const FaultOrder& order, const BladeLine& line)
      : cgroup_(line.IsInContainer() ? order.cgroup : ""), processes_(line.uid, cgroup_) {}

  Result<ReadBack> WaitUntilThere() final;
  Status StillThere() override;
  Result<std::string> Residue() override;
  Status CleanUp() override { return processes_.KillAll(); }

 protected:
  // What the living processes do; called again and again, with some milliseconds between, until it
  // returns no error or the patience is at its end.
  virtual Result<ReadBack> Measure(const std::vector<pid_t>& pids) = 0;

  // Of the container's cgroup; empty for an experiment on the guest.
  const std::string& cgroup() const { return cgroup_; }

 private:
  Result<std::vector<pid_t>> LivingOrError() const;

  std::string cgroup_;
  BladeProcesses processes_;
};

// cpu fullload. blade aims at a total use of the CPUs and adds only what is missing to it: at least
// half of what was asked for must be burnt by blade itself.
class BladeCpuLook final : public BladeBurnerLook {
 public:
  BladeCpuLook(const FaultOrder& order, const BladeLine& line);

 protected:
  Result<ReadBack> Measure(const std::vector<pid_t>& pids) override;

 private:
  double asked_percent_;  // of one core
};

// mem load. Measured is the share of the cgroup's limit that is in use (of the guest's memory where
// there is no limit), which is what blade aims at.
class BladeMemoryLook final : public BladeBurnerLook {
 public:
  BladeMemoryLook(const FaultOrder& order, const BladeLine& line)
      : BladeBurnerLook(order, line), asked_percent_(line.Number("mem-percent", 0)) {}

 protected:
  Result<ReadBack> Measure(const std::vector<pid_t>& pids) override;

 private:
  double asked_percent_;  // 0: it was asked for otherwise
};

// disk burn. Measured is what the cgroup moves (io.stat), where the kernel counts that.
class BladeBurnLook final : public BladeBurnerLook {
 public:
  BladeBurnLook(const FaultOrder& order, const BladeLine& line);

  Result<std::string> Residue() override;
  Status CleanUp() override;

 protected:
  Result<ReadBack> Measure(const std::vector<pid_t>& pids) override;

 private:
  std::vector<std::string> files_;  // that blade reads and writes
};

}  // namespace grayling::probe

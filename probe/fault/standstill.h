#pragma once

#include <sys/types.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "probe/kernel/result.h"

namespace grayling::probe {

// A way to make every process of a container stand still and go on.
class Standstill {
 public:
  virtual ~Standstill() = default;
  // An error says that the container's cgroup is gone.
  virtual Status Stop() = 0;
  virtual Status Go() = 0;
  // What the kernel says. Stands: all do. Goes: none does.
  virtual bool Stands() const = 0;
  virtual bool Goes() const = 0;
};

// The cgroup's freezer, which covers nested cgroups too.
class CgroupFreezer final : public Standstill {
 public:
  explicit CgroupFreezer(std::string cgroup) : cgroup_(std::move(cgroup)) {}

  Status Stop() override { return Write("1"); }
  Status Go() override { return Write("0"); }
  bool Stands() const override { return Frozen() == 1; }
  bool Goes() const override { return Frozen() != 1; }

 private:
  Status Write(const char* value) const;
  int Frozen() const;  // -1 when it cannot be told

  std::string cgroup_;
};

// SIGSTOP and SIGCONT to each process, those of nested cgroups too. Spares our own, and those that
// stood still before the fault.
class ProcessSignals final : public Standstill {
 public:
  ProcessSignals(std::string cgroup, std::set<pid_t> spared)
      : cgroup_(std::move(cgroup)), spared_(std::move(spared)) {}

  Status Stop() override;
  Status Go() override;
  bool Stands() const override;
  bool Goes() const override;

  // Processes of the cgroup that stand still now.
  static std::set<pid_t> Stopped(const std::string& cgroup);

 private:
  std::vector<pid_t> Processes() const;

  std::string cgroup_;
  std::set<pid_t> spared_;
};

}  // namespace grayling::probe

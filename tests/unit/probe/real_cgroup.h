#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "probe/fault/fault_keeper.h"
#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {

// A real cgroup of this machine's unified hierarchy, wherever that is mounted; it has the freezer
// and processes, but maybe no controllers. Skips where there is none, or without root.
class RealCgroup : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Everything in it, in the kernel's order.
  std::vector<pid_t> Members() const;
  // A process that stands for the container's: it sleeps in the cgroup until the test's end.
  pid_t StartService(const std::string& name = "service");
  void KillKeeperAndGuardOf(const std::string& id) const;

  const TemporaryFolder folder_;
  std::string cgroup_;
  FaultSettings settings_;

 private:
  std::vector<pid_t> services_;
};

}  // namespace grayling::probe

#include "tests/unit/probe/real_cgroup.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "probe/fault/fault_revert.h"
#include "probe/kernel/files.h"
#include "probe/kernel/kernel_text.h"

namespace grayling::probe {

void RealCgroup::SetUp() {
  for (const char* root : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    if (std::filesystem::exists(std::string(root) + "/cgroup.procs")) {
      cgroup_ = std::string(root) + "/grayling-test-" + std::to_string(getpid());
    }
  }
  if (cgroup_.empty()) GTEST_SKIP() << "no unified cgroup hierarchy on this machine";
  if (mkdir(cgroup_.c_str(), 0755) != 0) {
    cgroup_.clear();
    GTEST_SKIP() << "cannot make a cgroup: needs root";
  }
  settings_.mark_folder = folder_.path() + "/marks";
  settings_.keeper_cgroup = "";
}

void RealCgroup::TearDown() {
  if (cgroup_.empty()) return;
  EXPECT_TRUE(RevertAllFaults(settings_).ok());
  for (const pid_t service : services_) {
    kill(service, SIGKILL);
    waitpid(service, nullptr, 0);
  }
  EXPECT_EQ(rmdir(cgroup_.c_str()), 0) << "something still runs in it";
}

std::vector<pid_t> RealCgroup::Members() const {
  std::vector<pid_t> pids;
  ForEachNumber(*ReadFile(cgroup_ + "/cgroup.procs"),
                [&](std::uint64_t pid) { pids.push_back(static_cast<pid_t>(pid)); });
  return pids;
}

pid_t RealCgroup::StartService(const std::string& name) {
  const pid_t service = fork();
  if (service == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close_range(3, ~0U, 0);  // or a connection of the caller would never end
    prctl(PR_SET_NAME, name.c_str());
    const bool entered = WriteOnce(cgroup_ + "/cgroup.procs", "0").ok();
    while (entered) pause();
    _exit(1);
  }
  services_.push_back(service);
  for (bool entered = false; !entered; sched_yield()) {
    for (const pid_t member : Members()) entered = entered || member == service;
  }
  return service;
}

void RealCgroup::KillKeeperAndGuardOf(const std::string& id) const {
  const Mark mark = **MarkStore(settings_.mark_folder).Read(id);
  kill(mark.guard.pid, SIGKILL);
  kill(mark.keeper.pid, SIGKILL);
  ASSERT_TRUE(WaitForProcessToEnd(mark.guard.pid) && WaitForProcessToEnd(mark.keeper.pid));
}

}  // namespace grayling::probe

// Real processes in a real cgroup, and a Docker that starts them again.
#include "probe/fault/process_kill.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <memory>

#include "probe/fault/fault_revert.h"
#include "tests/unit/probe/fake_docker.h"
#include "tests/unit/probe/real_cgroup.h"

namespace grayling::probe {
namespace {

class ProcessKillEffect : public RealCgroup {
 protected:
  void SetUp() override {
    RealCgroup::SetUp();
    if (IsSkipped() || cgroup_.empty()) return;
    docker_ = std::make_unique<FakeDocker>([this] { return StartService(); });
    settings_.make_effect = [path = docker_->path()](const FaultOrder& order) {
      return Result<std::unique_ptr<Effect>>(std::make_unique<ProcessKill>(order, path));
    };
  }
  FaultOrder Kill(const std::string& signal = "KILL", const std::string& process = "") const {
    FaultOrder order;
    order.id = "f";
    order.kind = "process.kill";
    order.ttl_ms = 60000;
    order.cgroup = cgroup_;
    order.container = "c1";
    order.pid = docker_->pid();
    order.options = {{"signal", signal}, {"process", process}};
    return order;
  }
  static bool Lives(pid_t pid) { return ProcessIdentity::Of(pid).IsAlive(); }
  bool WasAsked(const std::string& request) const {
    const std::vector<std::string> requests = docker_->requests();
    return std::count(requests.begin(), requests.end(), request) > 0;
  }

  std::unique_ptr<FakeDocker> docker_;
};

TEST_F(ProcessKillEffect, TheServiceIsKilledStaysDeadAndRunsAgainAtTheEnd) {
  const pid_t before = docker_->pid();
  Result<ApplyReport> report = ApplyFault(settings_, Kill());
  ASSERT_TRUE(report.ok()) << report.error().sentence;
  EXPECT_EQ(report->read_back.values.at("ended"), 1);
  EXPECT_FALSE(Lives(before));
  EXPECT_EQ((**MarkStore(settings_.mark_folder).Read("f")).state, MarkState::kActive)
      << "a dead container does not end this fault";
  ASSERT_EQ(RevertFault(settings_, "f")->residue, "");
  EXPECT_TRUE(WasAsked("POST /containers/c1/start"));
  EXPECT_NE(docker_->pid(), before);
  EXPECT_TRUE(Lives(docker_->pid()));
}

TEST_F(ProcessKillEffect, AnotherProcessStartsItAgainAfterAKill) {
  ASSERT_TRUE(ApplyFault(settings_, Kill()).ok());
  KillKeeperAndGuardOf("f");
  EXPECT_EQ(RevertOrphans(settings_), 1);
  EXPECT_TRUE(Lives(docker_->pid()));
}

TEST_F(ProcessKillEffect, ADockerThatStillTakesTheDeadForAliveIsNotBelieved) {
  docker_->NoticeLate(4);
  ASSERT_TRUE(ApplyFault(settings_, Kill()).ok());
  ASSERT_EQ(RevertFault(settings_, "f")->residue, "");
  EXPECT_TRUE(Lives(docker_->pid()));
}

TEST_F(ProcessKillEffect, AServiceThatRunsAgainByItselfIsLeftAlone) {
  ASSERT_TRUE(ApplyFault(settings_, Kill("USR1")).ok()) << "which ends it as well";
  ASSERT_TRUE(DockerPost(docker_->path(), "/containers/c1/start").ok());
  const pid_t by_policy = docker_->pid();
  ASSERT_EQ(RevertFault(settings_, "f")->residue, "");
  EXPECT_EQ(docker_->pid(), by_policy);
}

TEST_F(ProcessKillEffect, ADockerThatCannotStartItIsResidueInItsOwnWords) {
  ASSERT_TRUE(ApplyFault(settings_, Kill()).ok());
  docker_->RefuseToStart();
  EXPECT_EQ(RevertFault(settings_, "f")->residue,
            "the container was not started again: Docker answered 500 Internal Server Error: no "
            "space left on device");
  docker_->Remove();
  EXPECT_EQ(RevertFault(settings_, "f")->residue, "") << "nothing is left of what was removed";
}

TEST_F(ProcessKillEffect, AContainerThatCouldNotRunAgainIsSpared) {
  docker_->SetAutoRemove();
  Result<ApplyReport> report = ApplyFault(settings_, Kill());
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.error().sentence.find("(--rm)"), std::string::npos);
  EXPECT_TRUE(Lives(docker_->pid()));
  FaultOrder order = Kill();
  order.container = "";
  EXPECT_EQ(ApplyFault(settings_, order).error().sentence,
            "process.kill needs --container ID, to start it again at the end");
}

TEST_F(ProcessKillEffect, ANamedProcessIsFoundAmongTheOthers) {
  const pid_t worker = StartService("worker");
  ASSERT_TRUE(ApplyFault(settings_, Kill("KILL", "worker")).ok());
  EXPECT_FALSE(Lives(worker));
  EXPECT_TRUE(Lives(docker_->pid()));
  ASSERT_TRUE(RevertFault(settings_, "f").ok());
  EXPECT_TRUE(WasAsked("POST /containers/c1/restart")) << "nobody else brings the worker back";
}

TEST_F(ProcessKillEffect, ANameThatNobodyHasIsRefused) {
  EXPECT_EQ(ApplyFault(settings_, Kill("KILL", "java")).error().sentence,
            "no process called 'java' runs in the container");
}

TEST(Ignores, TheFirstProcessOfANamespaceWithoutAHandlerDoesNotNoticeASignal) {
  const std::string first =
      "NSpid:\t4711\t1\nSigIgn:\t0000000000001000\nSigCgt:\t0000000000004000\n";
  EXPECT_FALSE(Ignores(first, SIGKILL));
  EXPECT_FALSE(Ignores(first, SIGTERM)) << "15 is caught";
  EXPECT_TRUE(Ignores(first, SIGHUP));
  EXPECT_TRUE(Ignores(first, SIGPIPE)) << "13 is ignored";
  EXPECT_FALSE(Ignores("NSpid:\t4711\t7\nSigIgn:\t0\nSigCgt:\t0\n", SIGHUP));
}

}  // namespace
}  // namespace grayling::probe

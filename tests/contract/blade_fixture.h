#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "daemon/fault/blade_injector.h"
#include "daemon/guest/guests.h"
#include "daemon/guest/local_executor.h"

namespace grayling {

// This machine in the place of a guest: the real guest tool, with its marks in the test's folder.
class ToolOnThisMachine final : public Executor, public Guests {
 public:
  explicit ToolOnThisMachine(std::string folder, std::string keeper_cgroup)
      : folder_(std::move(folder)), keeper_cgroup_(std::move(keeper_cgroup)) {}
  absl::StatusOr<ExecResult> Run(const std::vector<std::string>& argv,
                                 absl::Duration timeout) override;
  absl::StatusOr<Executor*> ExecutorOf(const std::string&) override { return this; }
  absl::StatusOr<std::vector<std::string>> RunningVms() override {
    return std::vector<std::string>{"vms/lab"};
  }

 private:
  std::string folder_;
  std::string keeper_cgroup_;
  LocalExecutor local_;
};

// A container as far as a fault sees one: a cgroup of this machine and processes in it. ChaosBlade
// is the fake one, with a folder of its own.
class BladeOnThisMachine : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  void SetMood(const std::string& mood);
  // A process in the container; the first one is the container's.
  int StartInContainer(const std::vector<std::string>& argv);
  FaultOrder Order(const std::string& kind, std::map<std::string, double> parameters = {},
                   std::map<std::string, std::string> options = {});
  // Gives the container a network of its own: eth0, the other end of service_.veth.
  void AddNetwork();
  // What a program in the container's network says.
  std::string InNetwork(std::vector<std::string> argv);
  FaultOrder BladeLine(std::vector<std::string> arguments);
  // Of the fault's keeper or guard, as its mark says.
  int PidInMark(const std::string& who);
  // The command lines of what runs in the container, without what the test itself started.
  std::vector<std::string> Strangers();
  // Waits for it; false after `seconds`.
  bool IsAloneWithin(int seconds);

  std::string folder_;
  GuestService service_;
  std::unique_ptr<ToolOnThisMachine> tool_;
  std::unique_ptr<BladeInjector> blade_;

 private:
  std::string cgroup_;
  std::vector<int> children_;
  LocalExecutor local_;
};

}  // namespace grayling
